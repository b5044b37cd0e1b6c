"""Which packets a target's boot has, and which of them it cannot do without."""

from pxedoctor.model.client import Client
from pxedoctor.model.libvirt import Network
from pxedoctor.road.answering import Server, ServerKind
from pxedoctor.road.packet_name import PacketName as Name
from pxedoctor.road.parties import Boot
from pxedoctor.road.serving6 import Serving6

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
_TOLD6 = (Name.INFORMATION_REQUEST, Name.INFORMATION_REPLY)
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
    if server.six is not None:
        wanted = needed_by(server, boot, client)
        asked = (*(group[0] for group in wanted), *_over_ipv6(server.six), *_fetch(boot))
        return (*(() if client is None else (Name.DISCOVER,)), *asked)
    if server.kind is ServerKind.UNKNOWN:
        return (Name.DISCOVER,)
    found = [*_DHCP, *_ARP]
    if server.program == "dnsmasq":
        found.append(Name.PING)
    if server.network is not None:
        found += _of_network(server.network)
    elif server.kind is ServerKind.OUTSIDE:
        found += (*_DHCP6, *_ROUTERS)
    return (*found, *_fetch(boot))


def _over_ipv6(six: Serving6) -> tuple[Name, ...]:
    dhcp = _DHCP6 if six.leases else _TOLD6 if six.tells else ()
    return (*dhcp, *(_ROUTERS if six.advertises else ()))


def _of_network(network: Network) -> tuple[Name, ...]:
    ipv6 = [subnet for subnet in network.subnets if subnet.family == "ipv6"]
    return (
        *(_DNS if network.dns else ()),
        *(_DHCP6 if any(subnet.serves_dhcp for subnet in ipv6) else ()),
        *(_ROUTERS if ipv6 else ()),
    )


# Of those, the ones that wait for a router's advertisement before they ask.
_AS_ADVERTISED = frozenset({"ipxe", "ipxe-rhel"})
_ASK_IPV6 = _AS_ADVERTISED | {"ovmf", "ovmf-http"}


def _needed6(six: Serving6, client: Client | None) -> tuple[Name, ...]:
    if six.leases:
        return (*(_ROUTERS if client is not None and client.name in _AS_ADVERTISED else ()), *_DHCP6)
    if client is None:
        return _ROUTERS
    # EDK2 asks for a lease, or takes nothing (NetworkPkg/UefiPxeBcDxe/PxeBcDhcp6.c PxeBcDhcp6Sarr).
    asks_for_more = six.tells and client.name in _AS_ADVERTISED
    return (*_ROUTERS, *_TOLD6) if asks_for_more else (Name.SOLICIT,)


def needed_by(server: Server, boot: Boot | None, client: Client | None) -> tuple[Group, ...]:
    """Groups of packets, of each of which one must come through. `boot`: where firmware fetches its boot file.

    A guest of which nothing is known, on a network without IPv4 addresses, is there for those that it has. Of the known
    ones UEFI and iPXE ask over IPv6, too; iPXE only as a router advertises (net/ndp.c). All others ask for IPv4.
    """
    if server.six is not None and (client is None or client.name in _ASK_IPV6):
        fetch = _fetch(boot) if client is not None else ()
        return tuple((name,) for name in (*_needed6(server.six, client), *fetch))
    if boot is None or client is None or not client.firmware:
        return _LEASE
    return (*_LEASE, *((name,) for name in (*_ARP, *_fetch(boot))))


def _fetch(boot: Boot | None) -> tuple[Name, ...]:
    return () if boot is None else _HTTP if boot.http else _TFTP
