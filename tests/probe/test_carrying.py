"""Wishes as frames, and frames as events: as scapy reads them, and whatever bytes a network sends."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import ICMPv6ND_NS
from scapy.layers.l2 import Ether

from pxedoctor.dialogue.event import Heard, HeardArp
from pxedoctor.dialogue.wish import Send
from pxedoctor.probe import carrying, carrying_icmp
from pxedoctor.road.switch_said import switch_of
from pxedoctor.wire.arp import Arp, Operation
from pxedoctor.wire.checksum import Verdict
from pxedoctor.wire.mac import BROADCAST, ZERO
from pxedoctor.wire.nd import NeighborSolicitation
from pxedoctor.wire.udp import Udp

_OURS = "02:70:78:0d:0d:0d"
_WISH = Send(
    source=IPv4Address("0.0.0.0"),
    destination=IPv4Address("255.255.255.255"),
    datagram=Udp(source_port=68, destination_port=67, payload=b"a question"),
    ttl=20,
    service=16,
)
_QUESTION = Arp(
    operation=Operation.REQUEST,
    sender_mac=_OURS,
    sender=IPv4Address("0.0.0.0"),
    target_mac=ZERO,
    target=IPv4Address("192.0.2.5"),
)


@pytest.mark.parametrize(
    ("address", "mac"),
    [
        ("255.255.255.255", BROADCAST),
        ("224.0.1.178", "01:00:5e:00:01:b2"),
        ("239.129.2.3", "01:00:5e:01:02:03"),
        ("192.0.2.1", None),
        ("ff02::1:2", "33:33:00:01:00:02"),
        ("fe80::1", None),
    ],
)
def test_groups_have_a_mac_of_their_own(address: str, mac: str | None) -> None:
    assert carrying.group_mac(ip_address(address)) == mac


@pytest.mark.parametrize("tag", [None, 7])
def test_a_wish_is_a_frame_that_others_read(tag: int | None) -> None:
    frame = Ether(carrying.written(_WISH, _OURS, BROADCAST, tag))
    assert (frame.src, frame.dst) == (_OURS, BROADCAST)
    assert (frame[IP].ttl, frame[IP].tos) == (20, 16)
    assert (frame[UDP].sport, frame[UDP].dport, frame[UDP].original[8:]) == (68, 67, b"a question")
    assert frame.haslayer("Dot1Q") == (tag is not None)
    sent = frame[UDP].chksum
    del frame[UDP].chksum
    assert Ether(bytes(frame))[UDP].chksum == sent


@pytest.mark.parametrize(("tag", "other"), [(None, 7), (7, None), (7, 8)])
def test_a_station_hears_its_own_vlan_alone(tag: int | None, other: int | None) -> None:
    frame = carrying.written(_WISH, _OURS, BROADCAST, tag)
    heard = carrying.read(frame, False, tag)
    assert heard is not None
    assert isinstance(heard.event, Heard)
    assert heard.event.datagram == _WISH.datagram
    assert carrying.read(frame, False, other) is None


def test_a_tag_for_the_priority_alone_is_no_vlan() -> None:
    frame = carrying.written(_WISH, _OURS, BROADCAST, 0)
    assert carrying.read(frame, False, None) is not None


def test_an_open_sum_counts_as_good_where_it_is_marked() -> None:
    frame = bytearray(carrying.written(_WISH, _OURS, BROADCAST, None))
    frame[40] ^= 0xFF
    for marked, verdict in ((True, Verdict.VALID), (False, Verdict.BAD)):
        heard = carrying.read(bytes(frame), marked, None)
        assert heard is not None
        assert isinstance(heard.event, Heard)
        assert heard.frame is not None
        assert (heard.event.checksum, heard.frame.checksum, heard.marked) == (verdict, Verdict.BAD, marked)


def test_arp_both_ways() -> None:
    frame = carrying.written_arp(_QUESTION, _OURS, None)
    assert Ether(frame)["ARP"].pdst == "192.0.2.5"
    heard = carrying.read(frame, False, None)
    assert heard is not None
    assert heard.event == HeardArp(_QUESTION)


def test_neighbor_discovery_both_ways() -> None:
    source, target = IPv6Address("fe80::1"), IPv6Address("fe80::2")
    question = NeighborSolicitation(target=target)
    frame = carrying_icmp.written_nd(question, source, target, (_OURS, "52:54:00:0d:0d:01"), None)
    assert Ether(frame)[ICMPv6ND_NS].tgt == "fe80::2"
    heard = carrying_icmp.carried_nd(frame, None)
    assert heard is not None
    assert (heard.message, heard.source, heard.mac) == (question, source, _OURS)


def test_an_unreachable_port_is_told_with_what_it_is_about() -> None:
    quoted = IP(src="192.0.2.5", dst="192.0.2.1") / UDP(sport=50000, dport=69)
    packet = IP(src="192.0.2.1", dst="192.0.2.5") / ICMP(type=3, code=3) / quoted
    told = carrying_icmp.unreachable(bytes(Ether(src=_OURS, dst=_OURS) / packet), None)
    assert told is not None
    assert (told.why, str(told.told_by)) == ("nobody listens on that port", "192.0.2.1")
    assert (str(told.original.destination), told.source_port) == ("192.0.2.1", 50000)


@given(some.binary(max_size=400), some.booleans(), some.sampled_from([None, 7]))
def test_any_bytes_are_an_event_or_nothing(content: bytes, marked: bool, tag: int | None) -> None:
    carrying.read(content, marked, tag)
    carrying_icmp.unreachable(content, tag)
    carrying_icmp.carried_nd(content, tag)
    switch_of(content, 0.0)


@given(some.sampled_from([0x0800, 0x0806, 0x86DD, 0x88CC, 0x8100, 38]), some.binary(max_size=300))
def test_a_hostile_frame_of_every_kind_is_an_event_or_nothing(kind: int, payload: bytes) -> None:
    content = bytes.fromhex("0180c200000e") + bytes(6) + kind.to_bytes(2) + payload
    carrying.read(content, False, None)
    carrying_icmp.unreachable(content, None)
    carrying_icmp.carried_nd(content, None)
    switch_of(content, 0.0)
