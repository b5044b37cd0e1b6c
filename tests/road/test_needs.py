"""Which packets a boot has, and without which it fails."""

import pytest

from builders import network
from pxedoctor.model.client import client_named
from pxedoctor.model.libvirt import Subnet
from pxedoctor.road.answering import Server, ServerKind
from pxedoctor.road.needs import asked_of, needed_by
from pxedoctor.road.packet_name import PacketName as Name
from pxedoctor.road.parties import Boot, BootFrom
from pxedoctor.road.serving6 import Serving6

IPXE = client_named("ipxe")
IPV6 = Subnet(family="ipv6", address="fd00::1", prefix=64, ranges=(("fd00::10", "fd00::20"),))
TFTP = Boot(where=BootFrom.HERE, address="10.0.0.1")
HTTP = Boot(where=BootFrom.HERE, address="10.0.0.1", http=True)


def libvirts(**changes: object) -> Server:
    return Server(kind=ServerKind.UDP, why="w", program="dnsmasq", network=network(**changes))


@pytest.mark.parametrize(
    ("server", "boot", "among", "not_among"),
    [
        (libvirts(), None, (Name.PING, Name.DNS_QUERY, Name.ARP_REPLY), (Name.SOLICIT, Name.TFTP_RRQ)),
        (libvirts(dns=False), None, (Name.DISCOVER,), (Name.DNS_QUERY,)),
        (libvirts(subnets=(IPV6,)), None, (Name.SOLICIT, Name.ROUTER_ADVERTISEMENT), ()),
        (libvirts(), TFTP, (Name.TFTP_DATA, Name.TFTP_ACK), (Name.HTTP_SYN,)),
        (libvirts(), HTTP, (Name.HTTP_SYN_ACK,), (Name.TFTP_RRQ,)),
        (Server(kind=ServerKind.RAW, why="w", program="dhcpd"), None, (Name.OFFER_UNICAST,), (Name.PING, Name.SOLICIT)),
        (Server(kind=ServerKind.OUTSIDE, why="w", port="eno1"), None, (Name.SOLICIT,), (Name.PING, Name.DNS_QUERY)),
    ],
)
def test_the_packets_of_an_exchange(
    server: Server, boot: Boot | None, among: tuple[Name, ...], not_among: tuple[Name, ...]
) -> None:
    names = set(asked_of(server, boot, IPXE))
    assert set(among) <= names
    assert names.isdisjoint(not_among)


def test_of_a_server_that_nobody_knows_only_the_question_has_a_road() -> None:
    assert asked_of(Server(kind=ServerKind.UNKNOWN, why="w"), None, None) == (Name.DISCOVER,)


def test_an_offer_and_an_ack_may_come_either_way() -> None:
    groups = needed_by(libvirts(), None, IPXE)
    assert (Name.OFFER_BROADCAST, Name.OFFER_UNICAST) in groups
    assert (Name.ACK_BROADCAST, Name.ACK_UNICAST) in groups
    assert len(groups) == 4


@pytest.mark.parametrize(("boot", "last"), [(TFTP, Name.TFTP_ACK), (HTTP, Name.HTTP_SYN_ACK)])
def test_a_netboot_needs_its_file_and_arp(boot: Boot, last: Name) -> None:
    groups = needed_by(libvirts(), boot, IPXE)
    assert groups[-1] == (last,)
    assert (Name.SERVER_ARP_REPLY,) in groups


def test_a_system_fetches_no_boot_file() -> None:
    assert needed_by(libvirts(), TFTP, client_named("dhclient")) == needed_by(libvirts(), None, IPXE)


_ROUTED = ((Name.ROUTER_SOLICITATION,), (Name.ROUTER_ADVERTISEMENT,))


def six(*, leases: bool = False, tells: bool = False) -> Server:
    return Server(kind=ServerKind.UNKNOWN, why="w", six=Serving6(why="w", leases=leases, tells=tells, advertises=True))


def test_without_leases_addresses_are_made_of_what_is_advertised() -> None:
    assert needed_by(six(), None, None) == needed_by(six(tells=True), None, None) == _ROUTED
    assert set(asked_of(six(), None, None)) == {Name.ROUTER_SOLICITATION, Name.ROUTER_ADVERTISEMENT}
    assert Name.INFORMATION_REQUEST in asked_of(six(tells=True), None, None)


def test_without_leases_ipxe_asks_for_the_rest_and_uefi_for_a_lease_that_nobody_has() -> None:
    told = ((Name.INFORMATION_REQUEST,), (Name.INFORMATION_REPLY,))
    assert needed_by(six(tells=True), None, IPXE) == (*_ROUTED, *told)
    for server, client in ((six(), IPXE), (six(tells=True), client_named("ovmf"))):
        assert needed_by(server, None, client) == ((Name.SOLICIT,),)
        assert Name.SOLICIT in asked_of(server, None, client)


def test_a_network_of_ipv6_alone_answers_a_solicit() -> None:
    """UEFI asks for a lease over IPv6, too, and iPXE as soon as a router says so; who asks for IPv4 alone gets none."""
    alone = six(leases=True, tells=True)
    leased = ((Name.SOLICIT,), (Name.ADVERTISE,))
    assert needed_by(alone, None, None) == needed_by(alone, None, client_named("ovmf")) == leased
    assert needed_by(alone, None, IPXE) == (*_ROUTED, *leased)
    assert (Name.DISCOVER,) in needed_by(alone, None, client_named("grub"))
    asked = asked_of(alone, None, None)
    assert {Name.SOLICIT, Name.ROUTER_ADVERTISEMENT} <= set(asked)
    assert Name.DISCOVER not in asked
    assert Name.DISCOVER in asked_of(alone, None, IPXE)
