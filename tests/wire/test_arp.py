"""Who has this address?"""

import contextlib
from ipaddress import IPv4Address

import msgspec
import pytest
from hypothesis import given

from packets import arps, hostile
from pxedoctor.wire import arp
from pxedoctor.wire.arp import Arp, Operation
from pxedoctor.wire.error import WireError


@given(arps)
def test_what_is_built_is_parsed_again(value: Arp) -> None:
    assert arp.parse(arp.build(value)) == value


@given(hostile(arp.build, arps))
def test_any_bytes_are_one_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        read = arp.parse(content)
        assert arp.parse(arp.build(read)) == read


PROBE = Arp(
    operation=Operation.REQUEST,
    sender_mac="52:54:00:0d:0d:01",
    sender=IPv4Address("0.0.0.0"),
    target_mac="00:00:00:00:00:00",
    target=IPv4Address("192.168.150.5"),
)


def test_a_probe_on_the_wire_is_told_from_an_announcement() -> None:
    content = arp.build(PROBE)
    assert content.hex(" ", 2) == "0001 0800 0604 0001 5254 000d 0d01 0000 0000 0000 0000 0000 c0a8 9605"
    assert arp.parse(content + bytes(18)) == PROBE, "padding behind the packet does not count"
    announcement = msgspec.structs.replace(PROBE, sender=PROBE.target)
    assert (PROBE.is_probe, PROBE.is_announcement) == (True, False)
    assert (announcement.is_probe, announcement.is_announcement) == (False, True)
    assert not msgspec.structs.replace(PROBE, operation=Operation.REPLY).is_probe


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(arp.build(PROBE)[:27], "an ARP packet ends in its target", id="cut"),
        pytest.param(b"\0\6" + arp.build(PROBE)[2:], "not about IPv4 over Ethernet: 000608000604", id="token ring"),
        pytest.param(arp.build(PROBE)[:7] + b"\3" + arp.build(PROBE)[8:], "operation 3 is neither", id="RARP"),
    ],
)
def test_what_is_no_such_packet_says_why(content: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        arp.parse(content)


def test_a_mac_that_no_wire_carries_is_refused() -> None:
    with pytest.raises(WireError):
        msgspec.structs.replace(PROBE, target_mac="unknown")
