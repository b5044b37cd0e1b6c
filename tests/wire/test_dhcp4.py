"""DHCPv4 messages: overload, long options, and what a hostile server makes of both."""

import contextlib
from ipaddress import IPv4Address

import msgspec
import pytest
from hypothesis import given

from packets import dhcp4s, hostile
from pxedoctor.wire import dhcp4
from pxedoctor.wire.dhcp4 import Dhcp4, MessageType, Op
from pxedoctor.wire.dhcp4_known import BOOT_FILE_NAME, DOMAIN_NAME, MESSAGE_TYPE, OVERLOAD, ROOT_PATH, VENDOR_CLASS
from pxedoctor.wire.error import WireError
from pxedoctor.wire.options import Option

MAC = bytes.fromhex("5254000d0d01")
DISCOVER = Dhcp4(
    op=Op.REQUEST,
    xid=0x0D0D0D0D,
    flags=dhcp4.BROADCAST_FLAG,
    chaddr=MAC,
    options=(MESSAGE_TYPE.of(MessageType.DISCOVER), VENDOR_CLASS.of("PXEClient")),
)
# The options of a message, its fields sname and file before them.
SNAME, FILE, OPTIONS = slice(44, 108), slice(108, 236), slice(240, None)


def message(options: bytes, sname: bytes = b"", file: bytes = b"") -> bytes:
    """A reply with these fields, as a server of one's own would write it."""
    head = dhcp4.build(msgspec.structs.replace(DISCOVER, op=Op.REPLY, options=()))
    return head[:44] + sname.ljust(64, b"\0") + file.ljust(128, b"\0") + head[236:240] + options


@given(dhcp4s)
def test_what_is_built_is_parsed_again(value: Dhcp4) -> None:
    assert dhcp4.parse(dhcp4.build(value)) == value


@given(hostile(dhcp4.build, dhcp4s))
def test_any_bytes_are_one_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        read = dhcp4.parse(content)
        assert dhcp4.parse(dhcp4.build(read)) == read


def test_a_discover_on_the_wire() -> None:
    content = dhcp4.build(DISCOVER)
    assert content[:12].hex(" ", 4) == "01010600 0d0d0d0d 00008000"
    assert content[236:].startswith(bytes.fromhex("63825363 350101 3c09") + b"PXEClient\xff")
    assert len(content) == dhcp4.SMALLEST
    assert len(dhcp4.build(DISCOVER, size=0)) == 240 + 3 + 11 + 1


def test_who_asks_what() -> None:
    read = dhcp4.parse(dhcp4.build(DISCOVER))
    assert (read.kind, read.mac) == (MessageType.DISCOVER, "52:54:00:0d:0d:01")
    infiniband = msgspec.structs.replace(DISCOVER, htype=32, chaddr=b"")
    assert infiniband.mac is None
    for content in (b"", b"\0", b"\x0e", b"\1\1"):
        assert msgspec.structs.replace(DISCOVER, options=(Option(53, content),)).kind is None
    assert msgspec.structs.replace(DISCOVER, options=()).kind is None


def test_fields_end_at_their_nul() -> None:
    read = dhcp4.parse(message(b"\xff", sname=b"server\0junk", file=b"pxelinux.0\0junk"))
    assert (read.sname, read.file, read.file_text) == (b"server", b"pxelinux.0", "pxelinux.0")
    assert len(dhcp4.parse(message(b"\xff", file=b"f" * 128)).file) == 128


def test_a_missing_end_is_forgiven() -> None:
    assert dhcp4.parse(message(b"\x35\1\2")).kind is MessageType.OFFER
    assert dhcp4.parse(message(b"")).options == ()


def test_options_in_file_and_sname_are_options() -> None:
    """RFC 2131 section 4.1: options, then file, then sname."""
    content = message(b"\x34\1\3\x35\1\2\xff", sname=b"\x0f\3lan\xff", file=b"\0\x43\x0aundionly.k\xff\x0f\7ignored")
    read = dhcp4.parse(content)
    assert [option.code for option in read.options] == [52, 53, 67, 15]
    assert (BOOT_FILE_NAME.find(read.options), DOMAIN_NAME.find(read.options)) == ("undionly.k", "lan")
    assert (read.file, read.sname) == (b"", b"")


@pytest.mark.parametrize(("overload", "in_file", "in_sname"), [(1, True, False), (2, False, True), (3, True, True)])
def test_options_behind_option_52_are_moved(overload: int, in_file: bool, in_sname: bool) -> None:
    options = (
        MESSAGE_TYPE.of(MessageType.OFFER),
        OVERLOAD.of(overload),
        ROOT_PATH.of("r" * 70),
        DOMAIN_NAME.of("d" * 50),
    )
    value = msgspec.structs.replace(DISCOVER, options=options)
    content = dhcp4.build(value)
    assert dhcp4.parse(content) == value
    assert content[OPTIONS].startswith(b"\x35\1\2\x34\1" + bytes((overload,)))
    assert (b"rrr" in content[FILE], b"ddd" in content[SNAME]) == (in_file, in_sname)


def test_options_before_option_52_stay() -> None:
    value = msgspec.structs.replace(DISCOVER, options=(DOMAIN_NAME.of("lan"), OVERLOAD.of(1)))
    content = dhcp4.build(value)
    assert content[OPTIONS].startswith(b"\x0f\3lan\x34\1\1\xff")
    assert content[FILE] == b"\xff".ljust(128, b"\0")


def test_a_long_option_is_split_and_joined() -> None:
    """RFC 3396: 600 bytes as 255, 255 and 90."""
    value = msgspec.structs.replace(DISCOVER, options=(Option(224, bytes(range(200)) * 3),))
    content = dhcp4.build(value)[OPTIONS]
    assert [content[0], content[1], content[257], content[258], content[514], content[515]] == [224, 255] * 2 + [
        224,
        90,
    ]
    assert dhcp4.parse(dhcp4.build(value)) == value


def test_a_long_option_may_be_split_over_fields_with_others_between() -> None:
    read = dhcp4.parse(message(b"\x0f\2ex\x34\1\3\x0f\3amp\xff", file=b"\x0f\2le\xff", sname=b"\x0f\4.com"))
    assert DOMAIN_NAME.find(read.options) == "example.com"
    assert [option.code for option in read.options] == [15, 52]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(message(b"")[:239], "ends in its magic cookie", id="cut in its header"),
        pytest.param(message(b"")[:236] + bytes(64), "a BOOTP message without options", id="BOOTP"),
        pytest.param(b"\3" + message(b"\xff")[1:], "op 3 is neither", id="another op"),
        pytest.param(message(b"\xff")[:2] + b"\x11" + message(b"\xff")[3:], "hlen 17 is more", id="hlen lies"),
        pytest.param(message(b"\x35\2\1"), "ends in its option 53: 2 bytes long, of which 1", id="length lies"),
        pytest.param(message(b"\x35"), "ends in its option", id="no length"),
        pytest.param(message(b"\x34\1\4\xff"), "is 1, 2 or 3 in one byte, not 04", id="overload 4"),
        pytest.param(message(b"\x34\0\xff"), "in one byte, not nothing", id="overload of nothing"),
        pytest.param(message(b"\x34\1\1\x34\1\2\xff"), "in one byte, not 0102", id="overload twice"),
        pytest.param(
            message(b"\x34\1\1\xff", file=b"\x34\1\3\xff"), "inside the field file", id="overload in the overload"
        ),
        pytest.param(
            message(b"\x34\1\2\xff", sname=b"\x34\1\2\xff"), "inside the field sname", id="overload of itself"
        ),
        pytest.param(message(b"\x34\1\1\xff", file=b"\x43\xff"), "field file, which holds options,", id="file cut"),
    ],
)
def test_what_is_no_message_says_why(content: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        dhcp4.parse(content)


@pytest.mark.parametrize(
    "changes",
    [
        {"xid": 1 << 32},
        {"htype": 256},
        {"hops": -1},
        {"secs": 65536},
        {"flags": 65536},
        {"chaddr": bytes(17)},
        {"sname": b"s" * 65},
        {"file": b"f" * 129},
        {"file": b"a\0b"},
        {"file": b"f", "options": (OVERLOAD.of(1),)},
        {"sname": b"s", "options": (OVERLOAD.of(2),)},
        {"options": (Option(52, b"\0"),)},
        {"options": (Option(0, b""),)},
        {"options": (Option(255, b""),)},
        {"options": (Option(12, b"a"), Option(12, b"b"))},
        {"options": (Option(12, bytes(65000)),)},
    ],
)
def test_a_value_that_no_wire_carries_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(WireError):
        msgspec.structs.replace(DISCOVER, **changes)


def test_addresses_stand_where_rfc_2131_puts_them() -> None:
    four = {name: IPv4Address(number) for number, name in enumerate(("ciaddr", "yiaddr", "siaddr", "giaddr"), 1)}
    assert dhcp4.build(msgspec.structs.replace(DISCOVER, **four))[12:28].hex(" ", 4) == (
        "00000001 00000002 00000003 00000004"
    )
