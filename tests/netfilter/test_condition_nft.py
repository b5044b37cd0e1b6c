"""What nft compares and iptables does not: the frame's own type, bits of any transport header, fib's way back."""

import pytest

from pxedoctor.netfilter.condition import Answer, Number, RouteBack
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.seen import ABSENT, Family, Hook, Packet, Place, Seen

PREROUTING = Place(family=Family.IP, hook=Hook.PREROUTING, in_device="virbr0")
FORWARD = Place(family=Family.BRIDGE, hook=Hook.FORWARD, in_device="vnet0")


def udp(source: str, destination: str) -> Seen:
    packet = Packet(
        name="udp",
        ethertype=0x0800,
        source=source,
        destination=destination,
        protocol=17,
        source_port=68,
        destination_port=67,
    )
    return Seen(packet, PREROUTING)


@pytest.mark.parametrize(
    ("source", "destination", "missing", "answer"),
    [
        ("0.0.0.0", "255.255.255.255", True, Answer.NO),
        ("0.0.0.0", "255.255.255.255", False, Answer.YES),
        # Routes decide.
        ("192.0.2.7", "255.255.255.255", True, Answer.MAYBE),
        ("0.0.0.0", "192.0.2.1", True, Answer.MAYBE),
        ("0.0.0.0-0.0.0.9", "255.255.255.255", True, Answer.MAYBE),
    ],
)
def test_only_a_discover_surely_has_a_way_back(source: str, destination: str, missing: bool, answer: Answer) -> None:
    assert RouteBack(missing).meets(udp(source, destination)) is answer


def test_of_ipv6_routes_decide_always() -> None:
    solicit = Packet(name="SOLICIT", ethertype=0x86DD, source="::", destination="ff02::1:2", protocol=17)
    assert RouteBack(missing=True).meets(Seen(solicit, PREROUTING)) is Answer.MAYBE


def test_a_tagged_frame_says_that_it_is_tagged() -> None:
    plain, tagged = (Packet(name="f", ethertype=0x0800, vlan=vlan) for vlan in (None, 5))
    is_ip = Number(Field.HEADER_TYPE, ((0x0800, 0x0800),))
    assert is_ip.meets(Seen(plain, FORWARD)) is Answer.YES
    assert is_ip.meets(Seen(tagged, FORWARD)) is Answer.NO
    assert Number(Field.HEADER_TYPE, ((0x8100, 0x8100),)).meets(Seen(tagged, FORWARD)) is Answer.YES
    assert Number(Field.ETHERTYPE, ((0x0800, 0x0800),)).meets(Seen(tagged, FORWARD)) is Answer.YES


def test_th_dport_reads_whatever_stands_there() -> None:
    assert udp("0.0.0.0", "255.255.255.255").number(Field.TRANSPORT_DESTINATION) == (67, 67)
    echo = Packet(name="ping", ethertype=0x0800, protocol=1, icmp_type=8)
    # A checksum, which nobody knows.
    assert Seen(echo, PREROUTING).number(Field.TRANSPORT_DESTINATION) is None
    assert Seen(echo, PREROUTING).number(Field.DESTINATION_PORT) is ABSENT
    request = Packet(name="ARP", ethertype=0x0806)
    assert Seen(request, FORWARD).number(Field.TRANSPORT_SOURCE) is ABSENT
