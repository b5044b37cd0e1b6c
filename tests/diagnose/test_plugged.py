"""Guests that were started or shut off between two looks, and nothing else about devices and guests."""

import msgspec
import pytest

from builders import link, port
from many_networks import HEALTHY_TWO, Many, many
from pxedoctor.diagnose.plugged import plugged
from pxedoctor.diagnose.selected import select
from pxedoctor.diagnose.selection import Selection
from pxedoctor.diagnose.standing import stand
from pxedoctor.model.host import Host
from pxedoctor.model.link import Address, Link
from pxedoctor.model.process import Socket
from pxedoctor.model.route import Route
from pxedoctor.model.traffic_control import TcText

BEFORE = msgspec.structs.replace(HEALTHY_TWO, off=frozenset({1})).host()
AFTER = HEALTHY_TWO.host()


def test_a_guest_that_starts_is_plugged_into_its_bridge_and_one_that_ends_out_of_it() -> None:
    assert plugged(BEFORE, AFTER) == {"virbr1"}
    assert plugged(AFTER, BEFORE) == {"virbr1"}


def with_links(host: Host, *more: Link) -> Host:
    assert isinstance(host.links, tuple)
    return msgspec.structs.replace(host, links=(*host.links, *more))


def test_the_bridge_has_a_carrier_now() -> None:
    assert isinstance(BEFORE.links, tuple)
    down = tuple(msgspec.structs.replace(one, carrier=False) if one.name == "virbr1" else one for one in BEFORE.links)
    assert plugged(msgspec.structs.replace(BEFORE, links=down), AFTER) == {"virbr1"}


def with_address(host: Host, name: str, address: str) -> Host:
    """And with the route that the kernel makes for it."""
    assert isinstance(host.links, tuple)
    assert isinstance(host.routes, tuple)
    added = Address(family="inet6", address=address, prefix=64)
    links = tuple(
        msgspec.structs.replace(one, addresses=(*one.addresses, added)) if one.name == name else one
        for one in host.links
    )
    route = Route(family="inet6", destination=address, device=name, table="local", kind="local")
    return msgspec.structs.replace(host, links=links, routes=(*host.routes, route))


def test_link_local_addresses_are_the_links_own_and_others_are_not() -> None:
    assert plugged(BEFORE, with_address(AFTER, "vnet1", "fe80::fc54:ff:fe0d:d01")) == {"virbr1"}
    assert plugged(BEFORE, with_address(AFTER, "virbr1", "fe80::5054:ff:fe0e:3")) == {"virbr1"}
    assert plugged(BEFORE, with_address(AFTER, "virbr1", "fd00::1")) is None
    assert plugged(BEFORE, with_address(AFTER, "virbr0", "fe80::1")) is None


def test_what_the_new_tap_has_on_its_way_out_is_its_own() -> None:
    own = TcText(device="vnet1", filters="x", origin="tc")
    assert plugged(BEFORE, msgspec.structs.replace(AFTER, traffic_control=(own,))) == {"virbr1"}
    another = TcText(device="wan0", filters="x", origin="tc")
    assert plugged(BEFORE, msgspec.structs.replace(AFTER, traffic_control=(another,))) is None


@pytest.mark.parametrize(
    "more",
    [
        (link("eth9", kind="", index=90),),
        (link("vlan9", kind="vlan", index=90, lower="virbr1"),),
        (link("tap9", index=90),),
    ],
    ids=["another device", "a VLAN on the bridge", "a tap that is in no bridge"],
)
def test_more_than_guests_is_different(more: tuple[Link, ...]) -> None:
    assert plugged(BEFORE, with_links(AFTER, *more)) is None


def test_a_bridge_with_a_wire_is_no_island() -> None:
    def wired(host: Host) -> Host:
        assert isinstance(host.bridges, tuple)
        bridges = tuple(msgspec.structs.replace(one, ports=(*one.ports, port("eth9"))) for one in host.bridges)
        return with_links(
            msgspec.structs.replace(host, bridges=bridges), link("eth9", kind="", index=90, master="virbr1")
        )

    assert plugged(wired(BEFORE), wired(AFTER)) is None


def test_a_guest_that_was_defined_is_more() -> None:
    assert isinstance(AFTER.domains, tuple)
    assert plugged(msgspec.structs.replace(BEFORE, domains=AFTER.domains[:1]), AFTER) is None


def judged(before: Many, after: Many, *sockets: Socket) -> int:
    """How many targets are judged again; and that the answer is the whole one's."""
    first = before.host()
    then = after.host()
    assert isinstance(then.sockets, tuple)
    then = msgspec.structs.replace(then, sockets=(*then.sockets, *sockets))
    again = stand(then, select(then, Selection()), stand(first, select(first, Selection())))
    assert again.findings() == stand(then, select(then, Selection())).findings()
    return again.judged


NINE = msgspec.structs.replace(many(9), boots_outside=False)
OFF = msgspec.structs.replace(NINE, off=frozenset({4}))
SCREEN = Socket(kind="tcp", port=5904, address="127.0.0.1")


def test_only_the_guest_itself_is_judged_when_it_starts() -> None:
    assert judged(OFF, NINE) == 1
    assert judged(NINE, OFF) == 1
    assert judged(OFF, NINE, SCREEN) == 1, "QEMU's own socket is nothing to anybody"


def test_a_server_more_is_everybody_s() -> None:
    assert judged(NINE, NINE, Socket(kind="udp", port=4011)) == 9
    assert judged(NINE, NINE, SCREEN) == 0
