"""The conditions that saved rules need, and what they answer: xt_physdev, rpfilter, addrtype, states beside states."""

import pytest

from pxedoctor.netfilter.condition import AddressType, Answer, AnyOf, Bits, BridgePort, Name, Plain, ReversePath
from pxedoctor.netfilter.field import ETHERTYPES, Field
from pxedoctor.netfilter.seen import CtState, Family, Hook, Marks, Packet, Place, Seen


def _seen(source: str = "0.0.0.0", destination: str = "255.255.255.255", kind: str = "ip") -> Seen:
    packet = Packet(name="x", ethertype=ETHERTYPES[kind], source=source, destination=destination, protocol=17)
    return Seen(packet, Place(family=Family.IP, hook=Hook.FORWARD))


def _through(port_in: str | None, port_out: str | None) -> Seen:
    packet = Packet(name="x", ethertype=0x800, source="0.0.0.0", destination="255.255.255.255")
    return Seen(packet, Place(family=Family.IP, hook=Hook.FORWARD, port_in=port_in, port_out=port_out))


_IN = BridgePort(Field.PHYS_IN, ("vnet0", False))
_NOT_IN = BridgePort(Field.PHYS_IN, ("vnet0", False), negated=True)
_OUT = BridgePort(Field.PHYS_OUT, ("vnet", True))
_NOT_OUT = BridgePort(Field.PHYS_OUT, ("vnet", True), negated=True)
_ANY_IN, _ANY_OUT = BridgePort(Field.PHYS_IN), BridgePort(Field.PHYS_OUT)
_NO_OUT = BridgePort(Field.PHYS_OUT, negated=True)


@pytest.mark.parametrize(
    ("condition", "ports", "answer"),
    [
        (_IN, ("vnet0", ""), Answer.YES),
        (_IN, ("vnet1", ""), Answer.NO),
        (_NOT_IN, ("vnet1", "vnet0"), Answer.YES),
        (_OUT, ("vnet0", "vnet1"), Answer.YES),
        (_OUT, ("vnet0", "eth0"), Answer.NO),
        (_ANY_IN, ("vnet0", ""), Answer.YES),
        (_ANY_OUT, ("vnet0", ""), Answer.NO),
        (_NO_OUT, ("vnet0", ""), Answer.YES),
        (_ANY_OUT, ("vnet0", "vnet1"), Answer.YES),
        (_OUT, ("vnet0", ""), Answer.NO),
        (_IN, (None, ""), Answer.MAYBE),
        (_ANY_OUT, ("vnet0", None), Answer.MAYBE),
    ],
)
def test_physdev_of_a_frame_that_br_netfilter_carries(
    condition: Plain, ports: tuple[str | None, str | None], answer: Answer
) -> None:
    assert condition.meets(_through(*ports)) is answer


def test_a_frame_that_is_surely_carried_goes_through_some_port_also_where_its_name_is_not_known() -> None:
    packet = Packet(name="x", ethertype=0x800, source="0.0.0.0", destination="255.255.255.255")
    place = Place(family=Family.IP, hook=Hook.FORWARD, port_in=None, port_out=None, carried=True)
    carried = Seen(packet, place)
    assert {_ANY_IN.meets(carried), _ANY_OUT.meets(carried)} == {Answer.YES}
    assert _NO_OUT.meets(carried) is Answer.NO
    assert {_IN.meets(carried), _OUT.meets(carried)} == {Answer.MAYBE}


def test_a_port_of_unknown_name_is_none_whose_name_another_device_has() -> None:
    packet = Packet(name="x", ethertype=0x800, source="0.0.0.0", destination="255.255.255.255")
    place = Place(family=Family.IP, hook=Hook.FORWARD, in_device=None, port_in=None, taken=frozenset({"vnet0"}))
    new = Seen(packet, place)
    named = Name(Field.IN_NAME, (("vnet0", False),))
    assert {_IN.meets(new), named.meets(new)} == {Answer.NO}
    assert {_NOT_IN.meets(new), Name(Field.IN_NAME, (("vnet0", False),), negated=True).meets(new)} == {Answer.YES}
    others = ((("vnet1", False),), (("vnet0", True),), (("vnet0", False), ("vnet1", False)))
    assert {Name(Field.IN_NAME, names).meets(new) for names in others} == {Answer.MAYBE}


def test_a_packet_that_came_over_no_bridge_meets_what_is_negated_and_nothing_else() -> None:
    nowhere = _through("", "")
    assert {_IN.meets(nowhere), _OUT.meets(nowhere), _ANY_IN.meets(nowhere), _ANY_OUT.meets(nowhere)} == {Answer.NO}
    assert {_NOT_IN.meets(nowhere), _NOT_OUT.meets(nowhere), _NO_OUT.meets(nowhere)} == {Answer.YES}


def test_kernels_differ_about_a_negated_port_out_of_a_routed_frame() -> None:
    assert _NOT_OUT.meets(_through("vnet0", "")) is Answer.MAYBE


@pytest.mark.parametrize(
    ("source", "destination", "kind", "answer"),
    [
        ("0.0.0.0", "255.255.255.255", "ip", Answer.YES),
        ("0.0.0.0", "224.0.0.22", "ip", Answer.YES),
        ("0.0.0.0", "192.0.2.1", "ip", Answer.MAYBE),
        ("0.0.0.0", "239.1.1.1", "ip", Answer.MAYBE),
        ("192.0.2.1", "255.255.255.255", "ip", Answer.MAYBE),
        ("::", "ff02::1:2", "ip6", Answer.YES),
        ("fe80::1", "ff02::1:2", "ip6", Answer.MAYBE),
    ],
)
def test_a_reverse_path_that_needs_no_route(source: str, destination: str, kind: str, answer: Answer) -> None:
    seen = _seen(source, destination, kind)
    assert ReversePath().meets(seen) is answer
    assert ReversePath(negated=True).meets(seen) is answer.opposite


def test_an_ipv6_address_has_no_ipv4_type() -> None:
    unspecified = AddressType(Field.SOURCE6, frozenset({"broadcast"}))
    assert unspecified.meets(_seen("::", "ff02::1:2", "ip6")) is Answer.MAYBE


def _in_state(state: CtState | None, nat: int | None) -> Seen:
    packet = Packet(name="x", ethertype=0x800, source="0.0.0.0", destination="255.255.255.255", state=state)
    return Seen(packet, Place(family=Family.IP, hook=Hook.INPUT), Marks(nat=nat))


@pytest.mark.parametrize(
    ("state", "nat", "answer"),
    [
        ("ESTABLISHED", None, Answer.YES),
        ("NEW", None, Answer.MAYBE),
        ("NEW", 0, Answer.NO),
        ("NEW", 32, Answer.YES),
        ("NEW", 16, Answer.NO),
        ("INVALID", None, Answer.NO),
        ("UNTRACKED", None, Answer.NO),
        (None, None, Answer.MAYBE),
    ],
)
def test_established_or_rewritten(state: CtState | None, nat: int | None, answer: Answer) -> None:
    """firewalld's first rule, `--ctstate RELATED,ESTABLISHED,DNAT`."""
    parts = (Bits(Field.CT_STATE, 6), Bits(Field.CT_STATUS, 32))
    assert AnyOf(parts).meets(_in_state(state, nat)) is answer
    assert AnyOf(parts, negated=True).meets(_in_state(state, nat)) is answer.opposite
