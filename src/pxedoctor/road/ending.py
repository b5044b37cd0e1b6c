"""The last hop towards a server of this host: whether anybody is there to hear the packet."""

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.process import Process
from pxedoctor.netfilter.field import ETHERTYPES
from pxedoctor.netfilter.seen import Range
from pxedoctor.road.answering import Server, ServerKind
from pxedoctor.road.hop import Fate
from pxedoctor.road.journey import Journey
from pxedoctor.road.packet_name import PacketName as Name
from pxedoctor.road.passage import By, Ends
from pxedoctor.road.server import ServerState, dhcp_server

# The server's port of each packet for which somebody must listen, and who that is.
_PORTS = {
    Name.DNS_QUERY: (53, "DNS server"),
    Name.TFTP_RRQ: (69, "TFTP server"),
    Name.SOLICIT: (547, "DHCPv6 server"),
    Name.INFORMATION_REQUEST: (547, "DHCPv6 server"),
    Name.PROXY_REQUEST: (4011, "boot server"),
}
_BOOTPS, _TFTP, _ANY = 67, 69, "0.0.0.0"
_DHCP = frozenset({Name.DISCOVER, Name.REQUEST, Name.DECLINE, Name.RENEW})


def at_server(journey: Journey, server: Server, ends: Ends, name: Name, asks: bool) -> None:
    """What is for the kernel itself (ARP, an answer to a socket that just asked) needs nobody besides.

    `asks`: a guest is there. Where none is, a bridge that nobody serves is no question yet.
    """
    if ends.by is By.NOWHERE:
        if asks:
            journey.met(Hop.SERVER, "", Fate.UNKNOWN, server.why)
    elif ends.by not in {By.SOCKET, By.FRAMES}:
        return
    elif name in _DHCP:
        _dhcp(journey, server)
    elif name is Name.SOLICIT and server.six is not None and not server.six.leases:
        why = f"nobody is known who has a lease for it: {server.six.why}"
        journey.met(Hop.SERVER, "DHCPv6 server", Fate.UNKNOWN, why)
    elif name is Name.ROUTER_SOLICITATION and server.six is not None and server.six.network is not None:
        _of_libvirt(journey, server.six.network)
    elif name in _PORTS:
        _listener(journey, server, *_PORTS[name])
    elif name is Name.HTTP_SYN:
        _listener(journey, server, _number(journey.packet.destination_port), "HTTP server", "TCP")


def _by_systemd(journey: Journey, server: Server) -> None:
    """What a program on the unit's control group drops, nobody here can tell."""
    for process in journey.scene.host.once(_filtered):
        if process.pid == server.pid:
            why = f"what the traffic filter of systemd lets through is not known: {process.filtered}"
            journey.met(Hop.SERVER, server.program, Fate.UNKNOWN, why)


def _filtered(host: Host) -> tuple[Process, ...]:
    return () if isinstance(host.processes, Missing) else tuple(p for p in host.processes if p.filtered)


def _dhcp(journey: Journey, server: Server) -> None:
    _by_systemd(journey, server)
    if server.kind is ServerKind.UDP and journey.packet.link_type == "broadcast":
        _hears_broadcasts(journey)
    if server.network is not None:
        _of_libvirt(journey, server.network)
    else:
        journey.met(Hop.SERVER, server.program, Fate.PASS, server.why)


def _hears_broadcasts(journey: Journey) -> None:
    """A UDP socket that is bound to an address hears nothing that is for everybody (net/ipv4/udp.c compute_score)."""
    sockets = journey.scene.host.sockets
    if isinstance(sockets, Missing):
        return
    bound = [socket.address for socket in sockets if socket.kind == "udp" and socket.port == _BOOTPS]
    if not bound:
        journey.met(Hop.SERVER, "DHCP server", Fate.DROP, f"nobody on this host listens on UDP port {_BOOTPS}")
    elif _ANY not in bound:
        why = f"UDP port {_BOOTPS} is open for {', '.join(bound)} alone, where no broadcast is heard"
        journey.met(Hop.SERVER, "DHCP server", Fate.DROP, why)


def _of_libvirt(journey: Journey, network: Network) -> None:
    found = dhcp_server(journey.scene.host, network)
    if isinstance(found, Missing):
        journey.met(Hop.SERVER, "dnsmasq", Fate.UNKNOWN, found.why)
    elif found.state is ServerState.ALIVE:
        why = f"dnsmasq of the network {network.name} runs (pid {found.pid})"
        journey.met(Hop.SERVER, "dnsmasq", Fate.PASS, why)
    else:
        # Another server of this host may answer there instead.
        fate = Fate.UNKNOWN if found.others else Fate.DROP
        why = f"dnsmasq of the network {network.name} is dead ({found.state.value})"
        journey.met(Hop.SERVER, "dnsmasq", fate, why)


def _listener(journey: Journey, server: Server, port: int, who: str, protocol: str = "UDP") -> None:
    sockets = journey.scene.host.sockets
    # What comes over IPv6 a socket of IPv6 alone can hear; one of those may hear IPv4, too (ipv6(7), IPV6_V6ONLY).
    kind = f"{protocol.lower()}6" if journey.packet.ethertype == ETHERTYPES["ip6"] else protocol.lower()
    if isinstance(sockets, Missing):
        why = f"whether anybody listens on {protocol} port {port} here is not known: {sockets.why}"
        journey.met(Hop.SERVER, who, Fate.UNKNOWN, why)
    elif any(socket.port == port and socket.kind.startswith(kind) for socket in sockets):
        journey.met(Hop.SERVER, who, Fate.PASS, f"somebody listens on {protocol} port {port}")
    elif _waits_for_carrier(journey):
        _once_it_is_up(journey, server, port, who)
    else:
        journey.met(Hop.SERVER, who, Fate.DROP, f"nobody on this host listens on {protocol} port {port}")


def _waits_for_carrier(journey: Journey) -> bool:
    """Until a bridge's first guest runs its IPv6 address is tentative, and cannot be bound (net/ipv6/addrconf.c)."""
    link = journey.scene.link(journey.scene.bridge.name)
    return journey.packet.ethertype == ETHERTYPES["ip6"] and link is not None and not link.carrier


def _once_it_is_up(journey: Journey, server: Server, port: int, who: str) -> None:
    name = journey.scene.bridge.name
    if port == _TFTP and server.six is not None and server.six.tftp:
        why = f"dnsmasq listens on UDP port {port} as soon as {name} has its IPv6 address, with its first guest"
        journey.met(Hop.SERVER, who, Fate.PASS, why)
    else:
        why = f"who listens on port {port} once {name} has its IPv6 address, with its first guest, is not known"
        journey.met(Hop.SERVER, who, Fate.UNKNOWN, why)


def _number(port: int | Range | None) -> int:
    """A server's port is one number (road.packets)."""
    return port if isinstance(port, int) else 0
