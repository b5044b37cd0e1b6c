"""Who is at the other end of the wire?"""

import contextlib
from ipaddress import IPv6Address

import msgspec
import pytest
from hypothesis import given

from packets import hostile, lldps
from pxedoctor.wire import lldp
from pxedoctor.wire.error import WireError
from pxedoctor.wire.lldp import Identifier, Lldp, Tlv


@given(lldps)
def test_what_is_built_is_parsed_again(value: Lldp) -> None:
    assert lldp.parse(lldp.build(value)) == value


@given(hostile(lldp.build, lldps))
def test_any_bytes_are_one_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        read = lldp.parse(content)
        assert lldp.parse(lldp.build(read)) == read


SWITCH = Lldp(
    chassis=Identifier(4, bytes.fromhex("001b21aabbcc")),
    port=Identifier(5, b"GigabitEthernet1/0/7"),
    seconds=120,
    tlvs=(
        Tlv(lldp.SYSTEM_NAME, b"sw-rack7"),
        Tlv(lldp.SYSTEM_DESCRIPTION, b"a switch\0"),
        Tlv(lldp.ORGANISATION, bytes.fromhex("0080c2010064")),
    ),
)


def test_what_a_switch_says_of_itself() -> None:
    read = lldp.parse(lldp.build(SWITCH))
    assert (read.chassis_text, read.port_text) == ("00:1b:21:aa:bb:cc", "GigabitEthernet1/0/7")
    assert (read.text(lldp.SYSTEM_NAME), read.text(lldp.SYSTEM_DESCRIPTION)) == ("sw-rack7", "a switch")
    assert read.text(lldp.PORT_DESCRIPTION) is None
    assert read.port_vlan == 100


def test_addresses_as_identifiers_are_written_as_addresses() -> None:
    four, six = Identifier(5, b"\1\xc0\xa8\x96\1"), Identifier(4, b"\2" + IPv6Address("fe80::1").packed)
    read = msgspec.structs.replace(SWITCH, chassis=four, port=six, tlvs=())
    assert (read.chassis_text, read.port_text) == ("192.168.150.1", "fe80::1")
    assert read.port_vlan is None
    assert msgspec.structs.replace(SWITCH, port=Identifier(3, b"\0\x1b\x21\0\0\7")).port_text == "00:1b:21:00:00:07"


def test_the_end_may_be_missing_where_the_frame_ends() -> None:
    assert lldp.parse(lldp.build(SWITCH)[:-2]) == SWITCH
    assert lldp.parse(lldp.build(SWITCH) + b"trailing") == SWITCH


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "an LLDP data unit ends in its TLV", id="nothing"),
        pytest.param(lldp.build(SWITCH)[9:], "TLV 2 of 21 bytes where TLV 1 should be", id="no chassis"),
        pytest.param(bytes.fromhex("0200"), "TLV 1 of 0 bytes", id="an empty chassis"),
        pytest.param(lldp.build(SWITCH)[:20], "ends in its TLV", id="cut"),
        pytest.param(bytes.fromhex("0202074104020741") + bytes(2), "where the time to live should", id="no lifetime"),
        pytest.param(lldp.build(SWITCH)[:-2] + bytes.fromhex("02020741"), "at its own place, once", id="two chassis"),
    ],
)
def test_what_is_no_such_unit_says_why(content: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        lldp.parse(content)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Tlv, (0, b"")),
        (Tlv, (128, b"")),
        (Tlv, (5, bytes(512))),
        (Identifier, (256, b"x")),
        (Identifier, (1, b"")),
        (Identifier, (1, bytes(256))),
    ],
)
def test_a_piece_that_no_wire_carries_is_refused(kind: type[Tlv], values: tuple[int, bytes]) -> None:
    with pytest.raises(WireError):
        kind(*values)


def test_a_lifetime_that_no_wire_carries_is_refused() -> None:
    with pytest.raises(WireError):
        msgspec.structs.replace(SWITCH, seconds=65536)
