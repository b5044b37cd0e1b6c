"""The packets of a boot as rules see them: who sends what to whom, and what is left open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.netfilter.seen import Packet
from pxedoctor.road.packet_name import PacketName as Name
from pxedoctor.road.packets import Parties, packet

GUEST, HOST = "52:54:00:0d:0d:01", "52:54:00:0d:0d:fe"
PARTIES = Parties(
    guest_mac=GUEST,
    server_mac=HOST,
    server="192.168.122.1",
    guest="192.168.122.2-192.168.122.254",
    boot_server="192.168.122.1",
    boot_port=8080,
    guest6="fe80::a",
    server6="fe80::1",
)
EPHEMERAL = (1024, 65535)
EVERYBODY = "ff:ff:ff:ff:ff:ff"


def sent(name: Name) -> Packet:
    return packet(name, PARTIES)


@pytest.mark.parametrize("name", [Name.DISCOVER, Name.REQUEST, Name.DECLINE])
def test_what_a_client_without_an_address_sends(name: Name) -> None:
    found = sent(name)
    assert (found.source, found.destination) == ("0.0.0.0", "255.255.255.255")
    assert (found.source_port, found.destination_port, found.link_type) == (68, 67, "broadcast")
    assert (found.mac_source, found.mac_destination) == (GUEST, EVERYBODY)


@pytest.mark.parametrize(
    ("name", "destination", "mac", "kind"),
    [
        (Name.OFFER_BROADCAST, "255.255.255.255", EVERYBODY, "broadcast"),
        (Name.OFFER_UNICAST, PARTIES.guest, GUEST, "unicast"),
        (Name.ACK_BROADCAST, "255.255.255.255", EVERYBODY, "broadcast"),
        (Name.ACK_UNICAST, PARTIES.guest, GUEST, "unicast"),
    ],
)
def test_an_answer_goes_to_everybody_or_to_one(name: Name, destination: str, mac: str, kind: str) -> None:
    found = sent(name)
    assert (found.source, found.destination, found.mac_destination) == ("192.168.122.1", destination, mac)
    assert (found.source_port, found.destination_port, found.link_type, found.state) == (67, 68, kind, "NEW")


def test_a_boot_file_over_tftp() -> None:
    """The data come from a port of the server's choice, and there goes their acknowledgement."""
    asks, data, thanks = sent(Name.TFTP_RRQ), sent(Name.TFTP_DATA), sent(Name.TFTP_ACK)
    assert (asks.destination_port, asks.source_port, asks.state) == (69, EPHEMERAL, "NEW")
    assert (data.source_port, data.state, data.source) == (EPHEMERAL, "NEW", "192.168.122.1")
    assert (thanks.destination_port, thanks.state, thanks.direction) == (EPHEMERAL, "ESTABLISHED", "reply")


def test_a_boot_file_over_http() -> None:
    asks, answers = sent(Name.HTTP_SYN), sent(Name.HTTP_SYN_ACK)
    assert (asks.protocol, asks.destination_port, asks.tcp_flags) == (6, 8080, 0x02)
    assert (answers.source_port, answers.tcp_flags, answers.state) == (8080, 0x12, "ESTABLISHED")


@pytest.mark.parametrize(
    ("name", "operation", "source", "mac"),
    [
        (Name.ARP_REQUEST, 1, PARTIES.guest, EVERYBODY),
        (Name.ARP_REPLY, 2, "192.168.122.1", GUEST),
        (Name.SERVER_ARP_REQUEST, 1, "192.168.122.1", EVERYBODY),
        (Name.SERVER_ARP_REPLY, 2, PARTIES.guest, HOST),
    ],
)
def test_arp_both_ways(name: Name, operation: int, source: str, mac: str) -> None:
    found = sent(name)
    assert (found.ethertype, found.arp_operation, found.source, found.mac_destination) == (
        0x0806,
        operation,
        source,
        mac,
    )


@pytest.mark.parametrize(
    ("name", "destination", "mac"),
    [
        (Name.SOLICIT, "ff02::1:2", "33:33:00:01:00:02"),
        (Name.ROUTER_SOLICITATION, "ff02::2", "33:33:00:00:00:02"),
        (Name.ROUTER_ADVERTISEMENT, "ff02::1", "33:33:00:00:00:01"),
        (Name.ADVERTISE, "fe80::a", GUEST),
    ],
)
def test_ipv6_groups_have_macs_of_their_own(name: Name, destination: str, mac: str) -> None:
    assert (sent(name).destination, sent(name).mac_destination) == (destination, mac)


@pytest.mark.parametrize("name", Name)
def test_a_packet_from_the_guest_bears_its_mac(name: Name) -> None:
    assert sent(name).mac_source == (GUEST if name.from_guest else HOST)


_TEXTS = st.none() | st.sampled_from(["10.0.0.1", "10.0.0.2-10.0.0.9"])
_MACS = st.none() | st.sampled_from([GUEST, HOST])


@given(st.sampled_from(list(Name)), _TEXTS, _TEXTS, _TEXTS, _MACS, _MACS)
def test_whatever_is_known_there_is_a_packet(
    name: Name, server: str | None, guest: str | None, boot: str | None, here: str | None, there: str | None
) -> None:
    parties = Parties(guest_mac=here, server_mac=there, server=server, guest=guest, boot_server=boot)
    assert packet(name, parties).name == name
