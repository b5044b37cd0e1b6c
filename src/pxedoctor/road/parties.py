"""What the facts tell of the two ends of an exchange: addresses, MACs, and where the boot file is."""

from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address, ip_network

import msgspec

from pxedoctor.model.bridge import Bridge
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network, Subnet
from pxedoctor.model.link import Link
from pxedoctor.model.route import Route
from pxedoctor.model.target import Target
from pxedoctor.road.answering import Server
from pxedoctor.road.packets import LINK_LOCAL, Parties
from pxedoctor.road.route_net import Net, net_of
from pxedoctor.road.routing import Asked, asks_elsewhere
from pxedoctor.road.serving6 import Serving6

_SCHEMES = ("http://", "https://")
# RFC 1122 section 3.2.1.3: what a host's address can be, and what it answers from.
_ANY_HOST = "1.0.0.0-223.255.255.255"
# Who has a link-local address before it asks for a router (ipxe net/ipv6.c, net/ndp.c ndp_tx_router_solicitation).
_SOLICITS_FROM_ITS_OWN = frozenset({"ipxe", "ipxe-rhel"})
_URL_PORTS = {"tftp": 69, "http": 80, "https": 443}
_PORTS = {"http://": 80, "https://": 443}


class BootFrom(StrEnum):
    """Where the boot file is: on this host, on the bridge's other side, or behind this host's routing."""

    HERE = "here"
    BRIDGED = "bridged"
    ROUTED = "routed"


class Boot(msgspec.Struct, frozen=True, kw_only=True):
    """`device`: the one that routes lead to, None where they do not tell. `http`: else it is TFTP."""

    where: BootFrom
    address: str | None
    http: bool = False
    port: int = 80
    device: str | None = None


def parties_of(host: Host, bridge: Bridge, target: Target, server: Server, boot: Boot | None) -> Parties:
    link = host.link(bridge.name)
    known = Parties(
        guest_mac=target.mac,
        server_mac=link.mac if link and (server.here or server.only_ipv6) else None,
        boot_server=boot.address if boot else None,
        boot_port=boot.port if boot else 80,
        guest6=LINK_LOCAL if target.client is not None and target.client.name in _SOLICITS_FROM_ITS_OWN else None,
    )
    if server.six is not None:
        own = _own6(server.six, link)
        return msgspec.structs.replace(known, guest=_range(ip_network(own, strict=False)) if own else None)
    if not server.here:
        return msgspec.structs.replace(known, server=_ANY_HOST, guest=_ANY_HOST)
    address, guest = _ends(server, link)
    return msgspec.structs.replace(known, server=address, guest=guest)


def _ends(server: Server, link: Link | None) -> tuple[str | None, str | None]:
    if server.network is not None:
        return _of_network(server.network)
    if server.served is not None:
        return server.served.server, server.served.range
    return _of_device(link)


def _of_network(network: Network) -> tuple[str | None, str | None]:
    serving = [subnet for subnet in network.subnets if subnet.family == "ipv4" and subnet.serves_dhcp]
    return (serving[0].address, _span(serving[0])) if serving else (None, None)


def _span(subnet: Subnet) -> str | None:
    """From the lowest address that it may hand out to the highest; with reservations, all of the subnet."""
    if subnet.hosts or not subnet.ranges:
        return _whole(subnet.address, subnet.prefix)
    try:
        ends = [IPv4Address(end) for ends in subnet.ranges for end in ends]
    except ValueError:
        return None
    return f"{min(ends)}-{max(ends)}"


def _whole(address: str, prefix: int) -> str | None:
    try:
        return _range(IPv4Network((address, prefix), strict=False))
    except ValueError:
        return None


def _range(net: Net) -> str:
    return f"{net.network_address}-{net.broadcast_address}"


def _of_device(link: Link | None) -> tuple[str | None, str | None]:
    """A server whose settings are not known serves from the bridge's own address."""
    own = [entry for entry in (link.addresses if link else ()) if entry.family == "inet"]
    if len(own) != 1:
        return None, None
    return own[0].address, _whole(own[0].address, own[0].prefix)


def boot_of(host: Host, bridge: Bridge, server: Server) -> Boot | None:
    """Where the server sends a guest for its boot file; None where it names none, or where nobody can tell.

    Through which device it is reached is not known where a rule of policy routing may decide.
    """
    boot = _named(host, bridge, server)
    if boot is None or boot.device is None:
        return boot
    address = ip_address(boot.address or "")
    asked = Asked(version=address.version, to=(int(address), int(address)), inward=bridge.name)
    return msgspec.structs.replace(boot, device=None) if asks_elsewhere(host, asked) else boot


def _named(host: Host, bridge: Bridge, server: Server) -> Boot | None:
    if server.six is not None:
        return _boot6(host, server.six, host.link(bridge.name))
    for subnet in server.network.subnets if server.network else ():
        if subnet.family == "ipv4" and (subnet.boot_file or subnet.tftp_root):
            return _boot(host, subnet.boot_file, subnet.boot_server or subnet.address, (subnet.address, subnet.prefix))
    served, link = server.served, host.link(bridge.name)
    if served is None or served.server is None or link is None or not (served.boot_file or served.tftp):
        return None
    prefix = next((entry.prefix for entry in link.addresses if entry.address == served.server), 32)
    return _boot(host, served.boot_file, served.boot_server or served.server, (served.server, prefix))


def _boot(host: Host, file: str, server: str, near: tuple[str, int]) -> Boot | None:
    """`near`: the server's own address, and how many bits of it its guests share."""
    scheme = next((scheme for scheme in _SCHEMES if file.startswith(scheme)), "")
    if scheme:
        name, _, port = file.removeprefix(scheme).partition("/")[0].partition(":")
        number = int(port) if port.isdecimal() and int(port) < 1 << 16 else _PORTS[scheme]
        return _placed(host, near, Boot(where=BootFrom.HERE, address=name, http=True, port=number))
    return _placed(host, near, Boot(where=BootFrom.HERE, address=server))


def _boot6(host: Host, six: Serving6, link: Link | None) -> Boot | None:
    """A name, and an address of IPv4, is not followed."""
    if not six.boot_url:
        return None
    from urllib.parse import urlsplit

    own = _own6(six, link)
    try:
        parts = urlsplit(six.boot_url)
        address, port = IPv6Address(parts.hostname or ""), parts.port
    except ValueError:
        return None
    if own is None or parts.scheme not in _URL_PORTS:
        return None
    http = parts.scheme != "tftp"
    boot = Boot(where=BootFrom.HERE, address=str(address), http=http, port=port or _URL_PORTS[parts.scheme])
    return _placed(host, own, boot)


def _own6(six: Serving6, link: Link | None) -> tuple[str, int] | None:
    """The server's own address on the bridge, and how many bits of it its guests share."""
    subnets = six.network.subnets if six.network else ()
    defined = [(subnet.address, subnet.prefix) for subnet in subnets if subnet.family == "ipv6"]
    set_now = [(entry.address, entry.prefix) for entry in (link.addresses if link else ()) if entry.family == "inet6"]
    return next((own for own in (*defined, *set_now) if _is_address6(own[0])), None)


def _is_address6(text: str) -> bool:
    try:
        return not IPv6Address(text).is_link_local
    except ValueError:
        return False


def _placed(host: Host, server: tuple[str, int], boot: Boot) -> Boot | None:
    try:
        address = ip_address(boot.address or "")
        near = ip_network(server, strict=False)
    except ValueError:
        return None
    if address.version != near.version:
        return None
    if str(address) in _own_addresses(host) | {server[0]}:
        return boot
    if address in near:
        return msgspec.structs.replace(boot, where=BootFrom.BRIDGED)
    device = None if isinstance(host.routes, Missing) else _device_to(host.routes, address)
    return msgspec.structs.replace(boot, where=BootFrom.ROUTED, device=device)


def _own_addresses(host: Host) -> set[str]:
    links = () if isinstance(host.links, Missing) else host.links
    return {entry.address for link in links for entry in link.addresses}


def _device_to(routes: tuple[Route, ...], address: IPv4Address | IPv6Address) -> str | None:
    """The longest prefix, then the smallest metric (net/ipv4/fib_trie.c), of the main table."""
    best: tuple[int, int, str] | None = None
    for route in routes:
        net = net_of(route)
        if net is not None and address in net and route.kind == "unicast" and route.table == "main":
            found = (net.prefixlen, -(route.metric or 0), route.device)
            best = found if best is None or found > best else best
    return best[2] or None if best else None
