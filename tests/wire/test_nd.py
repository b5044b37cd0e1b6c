"""Routers and neighbors finding each other."""

import contextlib
from ipaddress import IPv6Address

import msgspec
import pytest
from hypothesis import given

from packets import icmp6s, nds
from pxedoctor.wire import nd
from pxedoctor.wire.error import WireError
from pxedoctor.wire.icmp6 import Icmp6
from pxedoctor.wire.nd import Nd, NeighborAdvertisement, NeighborSolicitation, RouterAdvertisement, RouterSolicitation
from pxedoctor.wire.nd_options import SourceLinkLayer

TARGET = IPv6Address("fe80::5054:ff:fe0d:d01")


@given(nds)
def test_what_is_built_is_parsed_again(value: Nd) -> None:
    assert nd.parse(nd.build(value)) == value


@given(icmp6s, nds)
def test_any_body_is_one_or_the_one_error(message: Icmp6, known: Nd) -> None:
    kind = nd.build(known).kind
    with contextlib.suppress(WireError):
        read = nd.parse(Icmp6(kind=kind, code=0, body=message.body))
        assert nd.parse(nd.build(read)) == read


def test_a_router_that_leaves_addresses_to_dhcp() -> None:
    """dnsmasq with a stateful range: M and O set."""
    router = RouterAdvertisement(hop_limit=64, managed=True, other=True, lifetime=1800)
    assert nd.build(router).body.hex() == "40c007080000000000000000"
    high = nd.build(msgspec.structs.replace(router, managed=False, other=False, preference=1))
    assert high.body[1] == 0x08


def test_a_solicitation_tells_who_asks() -> None:
    message = nd.build(RouterSolicitation(options=(SourceLinkLayer("52:54:00:0d:0d:01"),)))
    assert (message.kind, message.body.hex()) == (133, "000000000101525400" + "0d0d01")


def test_flags_of_a_neighbor() -> None:
    answer = NeighborAdvertisement(target=TARGET, solicited=True, override=True)
    assert nd.build(answer).body[:4].hex() == "60000000"
    assert nd.build(msgspec.structs.replace(answer, router=True)).body[0] == 0xE0


@pytest.mark.parametrize(
    ("message", "says"),
    [
        pytest.param(Icmp6(kind=137, code=0, body=bytes(40)), "ICMPv6 type 137 is no neighbor", id="a redirect"),
        pytest.param(Icmp6(kind=133, code=1, body=bytes(4)), "has code 0, not 1", id="another code"),
        pytest.param(Icmp6(kind=134, code=0, body=bytes(11)), "ends in its retransmission timer", id="cut"),
        pytest.param(Icmp6(kind=135, code=0, body=bytes(19)), "ends in its target", id="cut in its target"),
        pytest.param(
            Icmp6(kind=135, code=0, body=bytes(4) + b"\xff" + bytes(15)), "no multicast address: ff00::", id="multicast"
        ),
    ],
)
def test_what_is_no_such_message_says_why(message: Icmp6, says: str) -> None:
    with pytest.raises(WireError, match=says):
        nd.parse(message)


@pytest.mark.parametrize(
    ("value", "changes"),
    [
        (RouterAdvertisement(), {"hop_limit": 256}),
        (RouterAdvertisement(), {"preference": 4}),
        (RouterAdvertisement(), {"lifetime": 65536}),
        (RouterAdvertisement(), {"reachable": -1}),
        (RouterAdvertisement(), {"retransmit": 1 << 32}),
        (NeighborSolicitation(target=TARGET), {"target": IPv6Address("ff02::1")}),
        (NeighborAdvertisement(target=TARGET), {"target": IPv6Address("ff02::1")}),
    ],
)
def test_a_value_that_no_wire_carries_is_refused(value: msgspec.Struct, changes: dict[str, object]) -> None:
    with pytest.raises(WireError):
        msgspec.structs.replace(value, **changes)
