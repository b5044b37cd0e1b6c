"""A trace beside the facts: the road's observed column, and causes that become proven."""

from builders import facts, target
from pxedoctor.findings.outcome import Broken, Evidence, Hop
from pxedoctor.road.ended_where import death, lived
from pxedoctor.road.hop import Fate, Road, RoadHop
from pxedoctor.road.joined import joined
from pxedoctor.road.life import Death
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.traced_road import laid_over, lives, proven
from pxedoctor.wire.dhcp4 import MessageType
from trace_builders import BRIDGE, TAP, content, discover, rule, traced

SEEN = traced(frames=discover(1.0, BRIDGE), rules=(rule(1.02, "drop", frame_=content(MessageType.DISCOVER)),))
LIKELY = Broken(
    headline="Rules of the host drop DHCP.",
    subject="INPUT",
    hop=Hop.INPUT,
    evidence=(Evidence("a rule that may mean it", "iptables-save"),),
    certainty="likely",
)


def end() -> Death:
    found = death(lived(joined(SEEN), SEEN, "socket"), SEEN, "socket")[1]
    assert found is not None
    return found


def test_a_likely_cause_is_proven_by_a_packet_that_died_there() -> None:
    found = proven(LIKELY, end())
    assert found.certainty == "proven"
    assert found.evidence[-1].value == "udp dport 67 drop"
    assert "DISCOVER was seen to die here" in found.evidence[-1].text


def test_a_packet_that_died_elsewhere_proves_nothing() -> None:
    other = Broken(headline="x", subject="x", hop=Hop.PORT, evidence=LIKELY.evidence, certainty="likely")
    assert proven(other, end()) == other
    assert proven(LIKELY, None) == LIKELY


def test_that_nothing_left_the_guest_is_told_in_its_own_words() -> None:
    silent = traced()
    nothing = death(lived(joined(silent), silent, "socket"), silent, "socket")[1]
    paused = Broken(headline="x", subject="x", hop=Hop.NIC, evidence=LIKELY.evidence, certainty="likely")
    found = proven(paused, nothing)
    assert found.certainty == "proven"
    assert found.evidence[-1].text == f"no DISCOVER left the guest in 10 s: nothing of it was seen on {TAP}"


def test_the_road_gets_its_observed_column() -> None:
    hops = tuple(
        RoadHop(hop=hop, device=device, predicted=Fate.PASS, why="")
        for hop, device in ((Hop.TAP, TAP), (Hop.BRIDGE, BRIDGE), (Hop.INPUT, BRIDGE), (Hop.SERVER, BRIDGE))
    )
    packets = lived(joined(SEEN), SEEN, "socket")
    road = laid_over(Road(target="web01", packet=PacketName.DISCOVER, hops=hops), packets)
    assert [hop.observed for hop in road.hops] == [Fate.PASS, Fate.PASS, Fate.DROP, None]
    assert "rules" in road.hops[2].witness


def test_without_a_trace_nothing_is_said() -> None:

    assert lives(facts(), target()) == ((), None)
