"""Where the first lost packet ended, and where nobody can say that one did."""

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.traced import PortMoment, Traced
from pxedoctor.road.ended_where import Serving, answered, death, lived
from pxedoctor.road.hop import Fate
from pxedoctor.road.joined import joined
from pxedoctor.road.life import Death
from pxedoctor.wire.dhcp4 import MessageType
from trace_builders import ALL, BRIDGE, TAP, UPLINK, content, discover, freed, offer, received, rule, traced

LENGTH = len(content(MessageType.DISCOVER))
INPUT_DROPS = rule(1.02, "drop", frame_=content(MessageType.DISCOVER))


def end(seen: Traced, side: Serving = "socket") -> Death | None:
    return death(lived(joined(seen), seen, side), seen, side)[1]


def certain(seen: Traced, side: Serving = "socket") -> Death:
    found = end(seen, side)
    assert found is not None
    assert found.certain
    return found


def test_nothing_left_the_guest() -> None:
    found = certain(traced())
    assert (found.hop, found.device) == (Hop.NIC, TAP)
    assert end(traced(tap=None)) is not None
    assert not end(traced(tap=None)).certain  # type: ignore[union-attr]
    assert end(traced(witnesses=ALL[1:])) is None, "nobody looked"


def test_an_answered_question_has_not_died() -> None:
    seen = traced(frames=(*discover(1.0, BRIDGE), *offer(1.01, BRIDGE, TAP)), rules=(INPUT_DROPS,))
    assert end(seen) is None
    assert answered(lived(joined(seen), seen, "socket"))


def test_the_hosts_own_input_is_no_branch_to_a_server_in_the_lan() -> None:
    seen = traced(frames=discover(1.0, BRIDGE, UPLINK), rules=(INPUT_DROPS,))
    found = certain(seen, "beyond")
    assert (found.hop, found.device) == (Hop.UPLINK, UPLINK)
    assert "nothing came back" in found.words
    assert certain(seen, "socket").hop is Hop.INPUT


def test_it_was_expected_at_the_bridge_and_not_seen() -> None:
    nobody_at_rules = certain(traced(frames=discover(), witnesses=ALL[:1]))
    assert (nobody_at_rules.hop, nobody_at_rules.device) == (Hop.BRIDGE, BRIDGE)
    found = certain(traced(frames=discover()))
    assert (found.hop, found.device) == (Hop.PORT, TAP), "no hook of the bridge saw it either"


def test_its_port_was_silent_then() -> None:
    states = (PortMoment(at=0, device=TAP, state="listening"), PortMoment(at=5, device=TAP, state="forwarding"))
    found = certain(traced(frames=discover(), states=states))
    assert (found.hop, found.device) == (Hop.PORT, TAP)
    assert "listening" in found.words


def test_an_answer_that_never_came_to_the_guests_port() -> None:
    found = certain(traced(frames=(*discover(1.0, BRIDGE), *offer(1.01, BRIDGE))))
    assert (found.kind, found.hop, found.device) == ("OFFER", Hop.EGRESS, TAP)


def test_the_last_try_counts() -> None:
    """An iPXE whose port forwards at last: what it lost before is history."""
    tries = (*discover(1.0), *discover(5.0, BRIDGE), *offer(5.01, BRIDGE, TAP))
    assert end(traced(frames=tries)) is None


def test_what_is_on_its_way_is_not_lost() -> None:
    assert end(traced(frames=discover(9.9), seconds=10.0)) is None


def test_no_rule_no_socket_the_kernels_word() -> None:
    events = (received(1.00003, BRIDGE, LENGTH), freed(1.00005, "__udp4_lib_rcv", "NOT_SPECIFIED"))
    found = certain(traced(frames=discover(1.0, BRIDGE), events=events))
    assert (found.hop, found.reason) == (Hop.SERVER, "NOT_SPECIFIED")
    frames_read = end(traced(frames=discover(1.0, BRIDGE), events=events), "frames")
    assert frames_read is not None
    assert frames_read.reason == "", "a server that reads whole frames needs no socket of UDP"


def test_packets_keep_where_they_were_expected() -> None:
    seen = traced(frames=discover())
    packets, _ = death(lived(joined(seen), seen, "socket"), seen, "socket")
    assert packets[0].sightings[-1].fate is Fate.UNKNOWN
