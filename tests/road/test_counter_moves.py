"""Which counters moved, and what they say alone: never for certain."""

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.counted import Counted, Counter
from pxedoctor.model.traced import WitnessName
from pxedoctor.road.counter_moves import end_by_counters, moves
from pxedoctor.road.life import Death
from trace_builders import TAP, traced

BEFORE: Counted = {}


def counter(source: str, name: str, device: str = "") -> Counter:
    return Counter(source=source, name=name, device=device, origin="somewhere")


SUMS = counter("kernel", "UdpInCsumErrors")
RULE = counter("rule", "udp dport 67 counter drop", "ip filter INPUT")
PASSES = counter("rule", "udp dport 67 counter accept", "ip filter INPUT")
SENT = counter("link", "rx_packets", TAP)
UNREAD = counter("link", "tx_dropped", TAP)
ELSEWHERE = counter("link", "tx_dropped", "eth7")


def end(**moved: int) -> Death | None:
    counters = {"sums": SUMS, "rule": RULE, "sent": SENT, "unread": UNREAD}
    after = {counters[name]: value for name, value in moved.items()}
    return end_by_counters(traced(counters=moves(BEFORE, after, frozenset({TAP}))))


def test_only_what_tells_of_a_drop_is_kept_and_a_guests_packets_always() -> None:
    after = {SUMS: 2, RULE: 1, PASSES: 5, ELSEWHERE: 9, SENT: 0, counter("kernel", "UdpInDatagrams"): 40}
    found = moves({SUMS: 1}, after, frozenset({TAP}))
    assert [(move.name, move.moved) for move in found] == [
        ("UdpInCsumErrors", 1),
        ("rx_packets", 0),
        ("udp dport 67 counter drop", 1),
    ]


def test_the_guest_never_sent() -> None:
    found = end(sent=0, sums=3)
    assert found is not None
    assert (found.hop, found.certain, found.witnesses) == (Hop.NIC, False, (WitnessName.COUNTERS,))


def test_a_rule_counts_more_than_a_sum_that_may_be_anybodys() -> None:
    found = end(sent=2, rule=1, sums=1)
    assert found is not None
    assert (found.hop, found.certain) == (Hop.INPUT, False)
    assert "udp dport 67" in found.words


def test_wrong_sums_and_a_guest_that_does_not_read() -> None:
    sums, unread = end(sent=2, sums=1), end(sent=2, unread=4)
    assert sums is not None
    assert sums.hop is Hop.SERVER
    assert unread is not None
    assert unread.hop is Hop.DELIVERY


def test_nothing_moved() -> None:
    assert end(sent=3) is None
