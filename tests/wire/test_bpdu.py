"""Bridges talking to each other."""

import contextlib

import msgspec
import pytest
from hypothesis import given

from packets import bpdus, hostile
from pxedoctor.wire import bpdu
from pxedoctor.wire.bpdu import Bpdu, BridgeId, TopologyChange
from pxedoctor.wire.error import WireError


@given(bpdus)
def test_what_is_built_is_parsed_again(value: Bpdu | TopologyChange) -> None:
    assert bpdu.parse(bpdu.build(value)) == value


@given(hostile(bpdu.build, bpdus))
def test_any_bytes_are_one_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        read = bpdu.parse(content)
        assert bpdu.parse(bpdu.build(read)) == read


ROOT = BridgeId(priority=0x8000, mac="52:54:00:0d:0d:fe")
HELLO = Bpdu(
    version=bpdu.STP,
    flags=0,
    root=ROOT,
    cost=0,
    bridge=ROOT,
    port=0x8002,
    message_age=0,
    max_age=20 * 256,
    hello_time=2 * 256,
    forward_delay=15 * 256,
)


def test_what_a_linux_bridge_says_every_two_seconds() -> None:
    content = bpdu.build(HELLO)
    assert len(content) == 35
    assert content[:5].hex() == "0000000000", "version 0, configuration"
    assert bpdu.parse(content + bytes(11)) == HELLO, "padding behind it does not count"
    assert HELLO.forward_delay_seconds == 15


def test_only_a_rapid_bpdu_tells_that_the_port_forwards() -> None:
    flags = 0x30
    assert not msgspec.structs.replace(HELLO, flags=flags).is_forwarding
    assert not msgspec.structs.replace(HELLO, flags=flags).is_learning
    rapid = msgspec.structs.replace(HELLO, flags=flags, version=bpdu.RSTP)
    assert (rapid.is_forwarding, rapid.is_learning) == (True, True)
    assert bpdu.build(rapid)[2:4].hex() == "0202"
    assert bpdu.build(rapid)[35:] == b"\0"


def test_a_newer_version_is_read_as_the_newest_known() -> None:
    """IEEE 802.1D-2004 clause 9.3.4."""
    multiple = bpdu.build(msgspec.structs.replace(HELLO, version=bpdu.MSTP, more=b"regions"))
    read = bpdu.parse(multiple[:2] + b"\4" + multiple[3:])
    assert isinstance(read, Bpdu)
    assert (read.version, read.more) == (bpdu.MSTP, b"regions")


def test_a_topology_change_says_nothing_else() -> None:
    assert bpdu.build(TopologyChange()).hex() == "00000080"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"\0\1" + bpdu.build(HELLO)[2:], "protocol 0x0001 is not", id="another protocol"),
        pytest.param(b"\0\0\0\x01" + bytes(31), "BPDU type 0x01 in version 0", id="another type"),
        pytest.param(b"\0\0\2\x00" + bytes(31), "BPDU type 0x00 in version 2", id="rapid, but a configuration"),
        pytest.param(bpdu.build(HELLO)[:34], "a BPDU ends in its times", id="cut"),
        pytest.param(b"\0\0\3\x02" + bytes(33) + b"\xff", "ends in its version 3 part", id="cut in MSTP's part"),
    ],
)
def test_what_is_no_bpdu_says_why(content: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        bpdu.parse(content)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 1},
        {"flags": 256},
        {"cost": 1 << 32},
        {"port": 65536},
        {"forward_delay": -1},
        {"more": b"only MSTP has it"},
    ],
)
def test_a_value_that_no_wire_carries_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(WireError):
        msgspec.structs.replace(HELLO, **changes)


@pytest.mark.parametrize("changes", [{"priority": 65536}, {"mac": "root"}])
def test_a_bridge_that_no_wire_carries_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(WireError):
        msgspec.structs.replace(ROOT, **changes)


def test_both_kinds_tell_of_a_topology_change() -> None:
    for version in (bpdu.STP, bpdu.RSTP):
        assert msgspec.structs.replace(HELLO, flags=0x01, version=version).tells_change
    assert not HELLO.tells_change
