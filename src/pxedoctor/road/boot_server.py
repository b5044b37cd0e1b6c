"""The server that a boot file is to come from, and whether the facts say that a guest cannot reach it.

1. On this host: nobody listens on the port. Who listens on which address is not looked at.
2. In the guest's own subnet: the facts tell nothing, a probe does.
3. Elsewhere: the guest is told no router, or this host, which routes for it, has no route there.
"""

from ipaddress import IPv4Address, IPv4Network

import msgspec

from pxedoctor.findings.outcome import Evidence
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.link import Link
from pxedoctor.model.target import Facts, Target
from pxedoctor.road.answering import Server
from pxedoctor.road.boot_named import Named, named, server_settings
from pxedoctor.road.exchange import servers
from pxedoctor.road.route_net import net_of

_PORTS = {"http": 80, "https": 443}
_TFTP = 69
_REFUSING = frozenset({"unreachable", "prohibit", "blackhole"})
_ROUTER = ("3", "option:router")


class BootServer(msgspec.Struct, frozen=True, kw_only=True):
    """`own`: the networks that the DHCP server's guests are in, by its own addresses on their device."""

    named: Named
    dhcp: Server
    address: IPv4Address
    port: int
    udp: bool
    own: tuple[IPv4Network, ...]
    here: bool


class Why(msgspec.Struct, frozen=True):
    """`text` completes "ADDRESS, where the boot file is to come from, ..."."""

    text: str
    evidence: Evidence


def boot_server(facts: Facts, target: Target) -> BootServer | Missing | None:
    """None where no file is named, or a menu names it, or its server is a name that DNS has to know."""
    found = servers(facts, target)
    if len(found) != 1 or not found[0].here:
        return None
    file = named(facts.host, target, found[0])
    if file is None or isinstance(file, Missing) or file.menu:
        return file if isinstance(file, Missing) else None
    nets = _networks(found[0], facts.host.link(target.bridge or ""))
    if not nets:
        return None
    where = _place(file, str(nets[0][0]))
    if where is None:
        return None
    address, port, udp = where
    links = () if isinstance(facts.host.links, Missing) else facts.host.links
    mine = {entry.address for link in links for entry in link.addresses} | {str(own) for own, _ in nets}
    return BootServer(
        named=file,
        dhcp=found[0],
        address=address,
        port=port,
        udp=udp,
        own=tuple(net for _, net in nets),
        here=str(address) in mine,
    )


def why_unreachable(host: Host, target: Target, server: BootServer) -> Why | Missing | None:
    """None where nothing says that it cannot be reached."""
    if server.here:
        return _nobody_listens(host, server)
    if any(server.address in net for net in server.own):
        return None
    settings = server_settings(host, server.dhcp)
    if isinstance(settings, Missing):
        return settings
    told = [value for word in ("dhcp-option", "dhcp-option-force") for value in settings.values(word)]
    router = [value for value in told if _ROUTER[0] in value.split(",") or _ROUTER[1] in value.split(",")]
    if any(value not in _ROUTER for value in router):
        # Another router than this host: what it knows is not known here.
        return None
    network = server.dhcp.network
    if router or (network is not None and network.forward == ""):
        text = "is outside of the guest's network, and the guest is told no router."
        value = router[0] if router else "no <forward>: an isolated network"
        return Why(text, Evidence("its guests are told no router", server.named.origin, value))
    return _no_route(host, server)


def _nobody_listens(host: Host, server: BootServer) -> Why | Missing | None:
    if isinstance(host.sockets, Missing):
        return host.sockets
    kind = "udp" if server.udp else "tcp"
    if any(socket.kind.startswith(kind) and socket.port == server.port for socket in host.sockets):
        return None
    file = f"/proc/net/{kind}, /proc/net/{kind}6"
    what = "TFTP" if server.udp else "HTTP"
    text = f"is this host, and nobody here serves {what}: no socket on port {server.port}."
    return Why(text, Evidence(f"no {kind.upper()} socket on port {server.port}", file))


def _no_route(host: Host, server: BootServer) -> Why | Missing | None:
    """Another table than main may have a route; where one has, nothing is said."""
    if isinstance(host.routes, Missing):
        return host.routes
    found = [(net, route) for route in host.routes if (net := net_of(route)) is not None and server.address in net]
    if not found:
        text = "cannot be reached from this host, which routes for the guest: it has no route there."
        return Why(text, Evidence("no route leads there", "ip route", str(server.address)))
    _, best = max(found, key=lambda entry: entry[0].prefixlen)
    if best.kind in _REFUSING:
        text = f"cannot be reached from this host, which routes for the guest: the route there is {best.kind}."
        return Why(text, Evidence("the route there", "ip route", f"{best.kind} {best.destination}"))
    return None


def _place(file: Named, dhcp: str) -> tuple[IPv4Address, int, bool] | None:
    """Address and port, and whether it is UDP; None where the server is a name."""
    try:
        if file.is_url:
            from urllib.parse import urlsplit

            parts = urlsplit(file.file)
            return IPv4Address(parts.hostname or ""), parts.port or _PORTS[parts.scheme], False
        return IPv4Address(file.server or dhcp), _TFTP, True
    except ValueError:
        return None


def _networks(server: Server, link: Link | None) -> list[tuple[IPv4Address, IPv4Network]]:
    if server.network is not None:
        subnets = [subnet for subnet in server.network.subnets if subnet.family == "ipv4"]
        pairs = [(subnet.address, subnet.prefix) for subnet in subnets if subnet.serves_dhcp]
    else:
        entries = [entry for entry in (link.addresses if link else ()) if entry.family == "inet"]
        pairs = [(entry.address, entry.prefix) for entry in entries]
    try:
        return [(IPv4Address(own), IPv4Network((own, prefix), strict=False)) for own, prefix in pairs]
    except ValueError:
        return []
