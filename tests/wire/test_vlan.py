"""802.1Q tags."""

import contextlib

import msgspec
import pytest
from hypothesis import given

from packets import hostile, vlans
from pxedoctor.wire import vlan
from pxedoctor.wire.error import WireError
from pxedoctor.wire.vlan import Vlan


@given(vlans)
def test_what_is_built_is_parsed_again(value: Vlan) -> None:
    assert vlan.parse(vlan.build(value)) == value


@given(hostile(vlan.build, vlans))
def test_any_bytes_are_one_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        read = vlan.parse(content)
        assert vlan.parse(vlan.build(read)) == read


VOICE = Vlan(vlan=100, priority=5, kind=0x0800, payload=b"IPv4")


def test_a_tag_on_the_wire() -> None:
    assert vlan.build(VOICE)[:4].hex(" ", 2) == "a064 0800"
    assert vlan.build(msgspec.structs.replace(VOICE, drop_eligible=True))[:2].hex() == "b064"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"\0\x64\x08", "an 802.1Q tag ends in its type", id="cut"),
        pytest.param(b"\x0f\xff\x08\0", "VLAN 4095 is reserved", id="reserved"),
        pytest.param(b"\0\x64\0\x26", "not an EtherType: 0x0026", id="a tagged BPDU"),
    ],
)
def test_what_is_no_tag_says_why(content: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        vlan.parse(content)


@pytest.mark.parametrize("changes", [{"vlan": 4096}, {"vlan": -1}, {"priority": 8}, {"kind": 38}])
def test_a_value_that_no_wire_carries_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(WireError):
        msgspec.structs.replace(VOICE, **changes)
