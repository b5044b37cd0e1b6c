"""Formats of options that only DHCPv4 has."""

from ipaddress import IPv4Address, IPv4Network

import pytest

from pxedoctor.wire import dhcp4_formats
from pxedoctor.wire.dhcp4 import MessageType
from pxedoctor.wire.dhcp4_formats import ClientId, Enterprise, Route, UserClass
from pxedoctor.wire.error import WireError
from pxedoctor.wire.options import Format, Option


def test_the_examples_of_rfc_3442() -> None:
    """Only the significant octets of a network are sent."""
    content = bytes.fromhex("000a0000fe 080a0a0000fe 180a00110a0000fe 200a1b81c80a0000fe".replace(" ", ""))
    router = IPv4Address("10.0.0.254")
    networks = ("0.0.0.0/0", "10.0.0.0/8", "10.0.17.0/24", "10.27.129.200/32")
    routes = tuple(Route(network=IPv4Network(network), router=router) for network in networks)
    assert dhcp4_formats.ROUTES.read(content) == routes
    assert dhcp4_formats.ROUTES.write(routes) == content


def test_a_route_with_bits_behind_its_prefix_is_the_network() -> None:
    assert dhcp4_formats.ROUTES.read(bytes.fromhex("04ff0a0000fe"))[0].network == IPv4Network("240.0.0.0/4")


def test_a_user_class_is_read_as_it_was_meant() -> None:
    """iPXE sends its name bare; a client of RFC 3004 sends a list."""
    assert dhcp4_formats.USER_CLASS.read(b"iPXE") == UserClass(bare=b"iPXE")
    assert dhcp4_formats.USER_CLASS.read(b"\4iPXE\3lab") == UserClass(listed=(b"iPXE", b"lab"))
    assert UserClass(bare=b"iPXE").texts == ("iPXE",)
    assert UserClass(listed=(b"iPXE", b"lab")).texts == ("iPXE", "lab")


def test_a_client_is_named_by_its_hardware() -> None:
    content = bytes.fromhex("015254000d0d01")
    assert dhcp4_formats.CLIENT_ID.read(content) == ClientId(kind=1, content=content[1:])


@pytest.mark.parametrize(
    ("form", "content"),
    [
        (dhcp4_formats.TYPE, b"\x0e"),
        (dhcp4_formats.TYPE, b"\1\1"),
        (dhcp4_formats.CLIENT_ID, b"\1"),
        (dhcp4_formats.ROUTES, b"\x21" + bytes(9)),
        (dhcp4_formats.ROUTES, b"\x18\x0a\0\0\x0a\0\0"),
        (dhcp4_formats.ENTERPRISES, b"\0\0\1\x57\5abc"),
        (dhcp4_formats.SUBOPTIONS, b"\6\2x"),
        (dhcp4_formats.USER_CLASS, b""),
    ],
)
def test_what_is_malformed_is_refused(form: Format[object], content: bytes) -> None:
    with pytest.raises(WireError):
        form.read(content)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (ClientId, {"kind": 256, "content": b"x"}),
        (ClientId, {"kind": 1, "content": bytes(65536)}),
        (UserClass, {}),
        (UserClass, {"listed": (b"a",), "bare": b"a"}),
        (UserClass, {"listed": (b"",)}),
        (UserClass, {"bare": b"\1a"}),
        (Enterprise, {"number": 1 << 32, "content": b""}),
        (Enterprise, {"number": 1, "content": bytes(256)}),
    ],
)
def test_a_value_that_no_wire_carries_is_refused(kind: type[ClientId], values: dict[str, bytes]) -> None:
    with pytest.raises(WireError):
        kind(**values)  # type: ignore[arg-type]


def test_a_suboption_that_no_wire_carries_is_refused() -> None:
    for option in (Option(0, b""), Option(255, b""), Option(1, bytes(256))):
        with pytest.raises(WireError):
            dhcp4_formats.SUBOPTIONS.write((option,))


def test_types_are_named() -> None:
    assert dhcp4_formats.TYPE.read(b"\6") is MessageType.NAK
