"""What a trace comes to: broken, healthy, or nobody can tell."""

from msgspec.structs import replace

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.traced import WitnessName
from pxedoctor.road.hop import Fate
from pxedoctor.road.life import Death, Packet, Sighting
from pxedoctor.verdict.report import Verdict
from pxedoctor.verdict.trace import Trace

SEEN = Sighting(hop=Hop.TAP, device="vnet0", at=0.1, witness=WitnessName.FRAMES)
LOST = Sighting(hop=Hop.PORT, device="vnet0", at=0.1, witness=WitnessName.KERNEL, fate=Fate.DROP, reason="X")
DISCOVER = Packet(kind="DISCOVER", direction="from-guest", mac="52:54:00:0d:0d:01", at=0.1, sightings=(SEEN, LOST))
DEATH = Death(hop=Hop.PORT, device="vnet0", kind="DISCOVER", words="the port was silent", packet=DISCOVER)
NOTHING = Trace(target="web01", bridge="br0", seconds=5.0, packets=(), witnesses=())


def test_a_packet_ends_where_a_witness_says_so_and_was_seen_last_before() -> None:
    assert DISCOVER.died == LOST
    assert DISCOVER.last == SEEN


def test_a_lost_packet_is_broken_if_its_place_is_certain() -> None:
    assert replace(NOTHING, packets=(DISCOVER,), died=DEATH).verdict is Verdict.BROKEN
    assert replace(NOTHING, died=replace(DEATH, certain=False)).verdict is Verdict.UNKNOWN


def test_silence_alone_says_nothing_and_an_answer_is_healthy() -> None:
    assert NOTHING.verdict is Verdict.UNKNOWN
    assert replace(NOTHING, answered=True).verdict is Verdict.HEALTHY
