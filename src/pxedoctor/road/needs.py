"""Which packets a target's boot has, and which of them it cannot do without."""

from pxedoctor.model.client import Client
from pxedoctor.model.libvirt import Network
from pxedoctor.road.answering import Server, ServerKind
from pxedoctor.road.packet_name import PacketName as Name
from pxedoctor.road.parties import Boot

_DHCP = (
    Name.DISCOVER,
    Name.OFFER_BROADCAST,
    Name.OFFER_UNICAST,
    Name.REQUEST,
    Name.ACK_BROADCAST,
    Name.ACK_UNICAST,
    Name.DECLINE,
    Name.RENEW,
    Name.RENEW_ACK,
)
_ARP = (Name.ARP_REQUEST, Name.ARP_REPLY, Name.SERVER_ARP_REQUEST, Name.SERVER_ARP_REPLY)
_DNS = (Name.DNS_QUERY, Name.DNS_ANSWER)
_TFTP = (Name.TFTP_RRQ, Name.TFTP_DATA, Name.TFTP_ACK)
_HTTP = (Name.HTTP_SYN, Name.HTTP_SYN_ACK)
_DHCP6 = (Name.SOLICIT, Name.ADVERTISE)
_ROUTERS = (Name.ROUTER_SOLICITATION, Name.ROUTER_ADVERTISEMENT)

# Of one group one comes through: whether an answer is for everybody or for one, the client says in its DISCOVER.
Group = tuple[Name, ...]
_LEASE: tuple[Group, ...] = (
    (Name.DISCOVER,),
    (Name.OFFER_BROADCAST, Name.OFFER_UNICAST),
    (Name.REQUEST,),
    (Name.ACK_BROADCAST, Name.ACK_UNICAST),
)


def asked_of(server: Server, boot: Boot | None, client: Client | None) -> tuple[Name, ...]:
    """The packets that this exchange has, as far as the facts tell."""
    if server.only_ipv6:
        return (*(() if client is None else (Name.DISCOVER,)), *_DHCP6, *_ROUTERS)
    if server.kind is ServerKind.UNKNOWN:
        return (Name.DISCOVER,)
    found = [*_DHCP, *_ARP]
    if server.program == "dnsmasq":
        found.append(Name.PING)
    if server.network is not None:
        found += _of_network(server.network)
    elif server.kind is ServerKind.OUTSIDE:
        found += (*_DHCP6, *_ROUTERS)
    if boot is not None:
        found += _HTTP if boot.http else _TFTP
    return tuple(found)


def _of_network(network: Network) -> tuple[Name, ...]:
    ipv6 = [subnet for subnet in network.subnets if subnet.family == "ipv6"]
    return (
        *(_DNS if network.dns else ()),
        *(_DHCP6 if any(subnet.serves_dhcp for subnet in ipv6) else ()),
        *(_ROUTERS if ipv6 else ()),
    )


def needed_by(server: Server, boot: Boot | None, client: Client | None) -> tuple[Group, ...]:
    """Groups of packets, of each of which one must come through. `boot`: where firmware fetches its boot file.

    Every client that pxedoctor knows asks for an IPv4 address. A guest of which nothing is known, on a network without
    such addresses, is there for those that it has.
    """
    if server.only_ipv6 and client is None:
        return tuple((name,) for name in _DHCP6)
    if boot is None or client is None or not client.firmware:
        return _LEASE
    fetch = _HTTP if boot.http else _TFTP
    return (*_LEASE, *((name,) for name in (*_ARP, *fetch)))
