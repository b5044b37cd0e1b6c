"""A question that left in vain, and what was heard meanwhile of the switch out there."""

from builders import bridge, facts, link, port, target
from pxedoctor.model.netfilter import Netfilter
from pxedoctor.model.target import Facts
from pxedoctor.model.traced import CounterMove, HeardFrame
from pxedoctor.road.beyond_uplink import asked_in_vain
from pxedoctor.wire.dhcp4 import MessageType
from trace_builders import BRIDGE, TAP, UPLINK, bpdu_of, discover, heard, offer, traced

GUEST = target(tap=TAP, running=True)


def seen(**changes: object) -> Facts:
    """A host whose server is behind its uplink, and one trace of it."""
    values: dict[str, object] = {"frames": discover(1.0, BRIDGE, UPLINK), "target": GUEST.id}
    host_facts = facts(
        links=(link(BRIDGE, kind="bridge"), link(TAP, master=BRIDGE), link(UPLINK, kind="", master=BRIDGE)),
        bridges=(bridge(ports=(port(TAP), port(UPLINK))),),
        netfilter=Netfilter(listings=()),
        sysctls={},
        routes=(),
        sockets=(),
        traffic_control=(),
        processes=(),
    )
    return Facts(host=host_facts.host, traces=(traced(**(values | changes)),))


def says(at: float, *, direction: str = "in", device: str = UPLINK) -> HeardFrame:
    content = bpdu_of()
    return HeardFrame(at=at, device=device, direction=direction, content=content, length=len(content))  # type: ignore[arg-type]


def test_it_left_by_the_uplink_and_nothing_came_back() -> None:
    vain = asked_in_vain(seen(), GUEST, UPLINK)
    assert vain is not None
    assert (vain.at, vain.said, vain.link_came, vain.may_wait) == (1.0, (), False, False)


def test_what_was_answered_or_left_elsewhere_is_none() -> None:
    frames = (*discover(1.0, BRIDGE, UPLINK), heard(MessageType.OFFER, UPLINK, "in", 1.01), *offer(1.02, TAP))
    assert asked_in_vain(seen(frames=frames), GUEST, UPLINK) is None
    assert asked_in_vain(seen(), GUEST, "eno2") is None
    assert asked_in_vain(Facts(host=seen().host), GUEST, UPLINK) is None


def test_a_switch_is_heard_by_what_comes_in_there() -> None:
    frames = (*discover(1.0, BRIDGE, UPLINK), says(0.5), says(2.5), says(2.5, direction="out"), says(2.5, device=TAP))
    vain = asked_in_vain(seen(frames=frames), GUEST, UPLINK)
    assert vain is not None
    assert [(switch.at, switch.forward_delay) for switch in vain.said] == [(0.5, 15.0), (2.5, 15.0)]
    assert vain.may_wait


def test_its_link_came_up_meanwhile_by_the_kernels_count() -> None:
    moved = CounterMove(
        source="link", name="tx_carrier_changes", device=UPLINK, before=1, after=3, origin="ip -s -s link"
    )
    for counters, came in (((moved,), True), ((), False)):
        vain = asked_in_vain(seen(counters=counters), GUEST, UPLINK)
        assert vain is not None
        assert vain.link_came is came
