"""Which questions stand open, when the dear witnesses are called for one, and for how long."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.trace.unanswered import Unanswered, answer_in, question_in
from pxedoctor.wire import frame
from pxedoctor.wire.dhcp4 import MessageType
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.mac import write_mac
from pxedoctor.wire.udp import Udp
from trace_builders import GUEST, HOST, SERVER, content

OWN = write_mac(GUEST)
DISCOVER, OFFER = content(MessageType.DISCOVER), content(MessageType.OFFER)
ARP_ASKS = bytes.fromhex("ffffffffffff5254000d0d01080600010800060400015254000d0d01")
SYN = 0x02


def tagged(bytes_: bytes) -> bytes:
    return bytes_[:12] + bytes.fromhex("81000064") + bytes_[12:]


def udp(source: int, to: int, for_guest: bool) -> bytes:
    ends = (SERVER, IPv4Address("192.168.160.5"))
    packet = Ipv4(source=ends[not for_guest], destination=ends[for_guest], protocol=17, payload=b"")
    macs = (GUEST, HOST) if for_guest else (HOST, GUEST)
    return frame.build(Udp(source_port=source, destination_port=to, payload=b"\0\1x"), packet, *macs)


def tcp(flags: int) -> bytes:
    head = bytes.fromhex("5254000d0dfe5254000d0d010800450000280000000040060000c0a8a005c0a8a001")
    return head + bytes.fromhex("9c400050000000000000000050") + bytes([flags]) + bytes(6)


def arp(sender: str, target: str) -> bytes:
    return ARP_ASKS + IPv4Address(sender).packed + bytes(6) + IPv4Address(target).packed


def six(next_header: int, rest: bytes, source: str = "fe80::1") -> bytes:
    ends = IPv6Address(source).packed + IPv6Address("ff02::1:2").packed
    return bytes.fromhex("3333000100025254000d0d0186dd60000000") + bytes([0, 64, next_header, 1]) + ends + rest


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (DISCOVER, "dhcp"),
        (tagged(DISCOVER), "dhcp"),
        (udp(2000, 69, for_guest=False), "tftp"),
        (udp(2000, 53, for_guest=False), "dns"),
        (udp(2000, 1024, for_guest=False), ""),
        (tcp(SYN), "tcp"),
        (tcp(SYN | 0x10), ""),
        (arp("192.168.160.5", "192.168.160.1"), "arp"),
        (arp("0.0.0.0", "192.168.160.5"), ""),
        (arp("192.168.160.5", "192.168.160.5"), ""),
        (six(17, bytes.fromhex("0222022300100000")), "dhcp6"),
        (six(58, bytes([135])), "nd"),
        (six(58, bytes([135]), source="::"), ""),
        (six(58, bytes([133])), ""),
    ],
)
def test_what_a_guest_asks(sent: bytes, kind: str) -> None:
    """Not what nobody shall answer: whether an address is free, or that a block has come."""
    assert question_in(sent) == kind


def test_what_answers_it() -> None:
    assert answer_in(OFFER, OWN) == answer_in(tagged(OFFER), OWN) == "dhcp"
    assert answer_in(OFFER, write_mac("52:54:00:0d:0d:02")) == "", "an offer to all that names another"
    assert answer_in(udp(1070, 68, for_guest=True), OWN) == "dhcp", "masqueraded"
    assert answer_in(udp(1069, 2000, for_guest=True), OWN) == "tftp"
    assert answer_in(udp(53, 2000, for_guest=True), OWN) == "dns"
    assert answer_in(DISCOVER, OWN) == "", "what was flooded back"


@given(st.binary(max_size=90))
def test_any_bytes_are_read(content_: bytes) -> None:
    assert question_in(content_) is not None
    assert answer_in(content_, OWN) is not None
    assert answer_in(OWN + content_, OWN) is not None


def test_nobody_is_called_for_what_is_answered_in_time() -> None:
    questions = Unanswered()
    questions.asked("dhcp", 1.0, None)
    assert not questions.calls(1.4)
    questions.answered("dhcp")
    assert not questions.calls(9)


def test_who_was_called_sees_the_next_try_and_may_go() -> None:
    questions = Unanswered()
    questions.asked("dhcp", 1.0, None)
    assert questions.calls(1.5)
    questions.asked("dhcp", 2.0, 1.5)
    assert questions.calls(2.4), "it is on its way"
    assert not questions.calls(2.6)
    questions.asked("dhcp", 9.0, None)
    assert not questions.calls(9.6), "all is known of it"
    questions.asked("tftp", 9.0, None)
    assert questions.calls(9.6), "of another nothing is"


def test_who_was_not_in_place_yet_waits_for_one_more() -> None:
    questions = Unanswered()
    questions.asked("tftp", 1.0, None)
    questions.asked("tftp", 1.6, 1.5)
    assert questions.calls(2.5)
    questions.asked("tftp", 2.6, 1.5)
    assert not questions.calls(3.2)


def test_they_look_again_after_two_minutes_and_wait_for_no_guest_that_is_gone() -> None:
    questions = Unanswered()
    questions.asked("dhcp", 1.0, -35.0)
    questions.asked("dhcp", 130.0, None)
    assert questions.calls(130.6)
    assert not questions.calls(166), "it asks no more"
