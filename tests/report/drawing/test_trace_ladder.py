"""A traced packet is an arrow as far as it was seen to come, and its port's states are behind it."""

from msgspec.structs import replace

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.traced import PortMoment, WitnessName
from pxedoctor.report.drawing.mark import Mark
from pxedoctor.report.drawing.trace_ladder import BRIDGE, GUEST, PORT, SERVER, STACK, trace_ladder
from pxedoctor.road.hop import Fate
from pxedoctor.road.life import Packet, Sighting
from trace_values import AT_INPUT, AT_TAP, DISCOVER, MAC, TRACE


def seen(hop: Hop, device: str = "br0", fate: Fate = Fate.PASS) -> Sighting:
    return Sighting(hop=hop, device=device, at=0.2, witness=WitnessName.FRAMES, fate=fate)


def offer(*sightings: Sighting) -> Packet:
    return Packet(kind="OFFER", direction="to-guest", mac=MAC, at=0.2, sightings=sightings)


def ends(*packets: Packet) -> list[tuple[int, int, Mark]]:
    ladder = trace_ladder(replace(TRACE, packets=packets))
    return [(arrow.start, arrow.end, arrow.mark) for arrow in ladder.arrows]


def test_a_packet_ends_where_a_witness_saw_it_die() -> None:
    (arrow,) = trace_ladder(TRACE).arrows
    assert (arrow.start, arrow.end, arrow.mark) == (GUEST, STACK, Mark.BAD)
    assert arrow.words == "DISCOVER 1: INPUT: a rule drops it (NETFILTER_DROP), says rules"


def test_what_was_not_seen_again_ends_at_the_last_place_and_is_a_doubt() -> None:
    packet = replace(DISCOVER, sightings=(AT_TAP, seen(Hop.BRIDGE), replace(AT_INPUT, fate=Fate.UNKNOWN)))
    assert ends(packet) == [(GUEST, BRIDGE, Mark.DOUBT)]


def test_a_packet_that_arrives() -> None:
    asked = replace(DISCOVER, sightings=(AT_TAP, seen(Hop.SERVER)))
    answer = offer(seen(Hop.OUTPUT), seen(Hop.EGRESS, "vnet0"))
    assert ends(asked, answer) == [(GUEST, SERVER, Mark.GOOD), (STACK, GUEST, Mark.GOOD)]


def test_an_answer_that_dies_on_its_way_back() -> None:
    assert ends(offer(seen(Hop.OUTPUT), seen(Hop.EXIT, "vnet0", Fate.DROP))) == [(STACK, PORT, Mark.BAD)]


def test_a_packet_that_only_an_uplink_saw() -> None:
    ladder = trace_ladder(replace(TRACE, packets=(offer(seen(Hop.UPLINK, "eno1"), seen(Hop.BRIDGE)),)))
    assert ladder.lanes[-1] == "eno1"
    assert (ladder.arrows[0].start, ladder.arrows[0].end) == (SERVER, BRIDGE)


def test_the_states_of_the_guests_port_are_a_band() -> None:
    states = tuple(
        PortMoment(at=at, device=device, state=state)
        for at, device, state in ((0.0, "vnet0", "listening"), (1.0, "vnet9", "learning"), (15.0, "vnet0", "learning"))
    )
    ladder = trace_ladder(replace(TRACE, states=states))
    assert [(band.lane, band.state, band.at) for band in ladder.bands] == [
        (PORT, "listening", 0.0),
        (PORT, "learning", 15.0),
    ]
    assert [note.words for note in ladder.notes] == ["vnet0 is listening", "vnet0 is learning"]


def test_where_nobody_knows_the_port_it_is_the_one_that_changed() -> None:
    states = (PortMoment(at=0.0, device="vnet9", state="listening"),)
    ladder = trace_ladder(replace(TRACE, tap=None, states=states))
    assert ladder.lanes[1] == "its port"
    assert [band.state for band in ladder.bands] == ["listening"]


def test_nothing_seen_is_an_empty_ladder() -> None:
    ladder = trace_ladder(replace(TRACE, packets=(), states=()))
    assert (ladder.arrows, ladder.bands) == ((), ())
