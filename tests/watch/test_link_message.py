"""What rtnetlink says, as the kernel writes it."""

import struct

from pxedoctor.watch.link_message import Learned, LinkChange, parse

MAC = bytes.fromhex("5254000d0d01")


def attribute(kind: int, content: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(content), kind) + content + bytes(-len(content) % 4)


def message(kind: int, body: bytes) -> bytes:
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 0, 0) + body


def learned(kind: int, family: int = 7) -> bytes:
    return message(kind, struct.pack("=BxxxiHBB", family, 5, 0x2, 0, 0) + attribute(2, MAC))


def test_a_bridge_learns_and_forgets_where_a_guest_is() -> None:
    assert parse(learned(28) + learned(29)) == (
        Learned("52:54:00:0d:0d:01", 5, gone=False),
        Learned("52:54:00:0d:0d:01", 5, gone=True),
    )


def test_the_host_s_own_neighbours_are_nothing() -> None:
    assert parse(learned(28, family=2)) == ()


def test_links_ports_addresses_and_traffic_control_are_told_with_their_device() -> None:
    link = struct.pack("=BxHiII", 0, 1, 5, 0, 0) + attribute(3, b"vnet0\0")
    port = struct.pack("=BxHiII", 7, 1, 5, 0, 0) + attribute(3, b"vnet0\0")
    assert parse(message(16, link)) == (LinkChange("links", "link changed", "vnet0"),)
    assert parse(message(17, port)) == (LinkChange("links", "port gone", "vnet0"),)
    assert parse(message(20, struct.pack("=BBBBi", 2, 24, 0, 0, 9))) == (
        LinkChange("links", "an address changed", index=9),
    )
    assert parse(message(36, struct.pack("=BxxxiIII", 0, 7, 0, 0, 0))) == (
        LinkChange("traffic-control", "traffic control changed", index=7),
    )


def test_what_breaks_off_is_left_out() -> None:
    whole = learned(28)
    assert all(parse(whole[:size]) == () for size in range(len(whole)))
    assert parse(message(28, b"\7")) == parse(message(20, b"")) == ()


def test_routes_and_the_rules_that_choose_them_are_told_alike() -> None:
    changed = LinkChange("links", "a route, or a rule of policy routing, changed")
    assert parse(b"".join(message(kind, bytes(12)) for kind in (24, 25, 32, 33))) == (changed,) * 4
