"""By which way a guest and the other end of its exchange reach each other, for each kind of packet."""

from pxedoctor.model.target import Target
from pxedoctor.road.answering import Server, ServerKind
from pxedoctor.road.front import entry_port
from pxedoctor.road.packet_name import PacketName as Name
from pxedoctor.road.parties import Boot, BootFrom
from pxedoctor.road.passage import By, Ends
from pxedoctor.road.scene import AnyPort, OtherGuest, Scene

_TFTP = frozenset({Name.TFTP_RRQ, Name.TFTP_DATA, Name.TFTP_ACK})
_HTTP = frozenset({Name.HTTP_SYN, Name.HTTP_SYN_ACK})
_IPV6 = frozenset(
    {
        Name.SOLICIT,
        Name.ADVERTISE,
        Name.INFORMATION_REQUEST,
        Name.INFORMATION_REPLY,
        Name.ROUTER_SOLICITATION,
        Name.ROUTER_ADVERTISEMENT,
    }
)
# What a server that reads and writes whole frames handles so itself.
_IN_FRAMES = frozenset(
    {
        Name.DISCOVER,
        Name.OFFER_BROADCAST,
        Name.OFFER_UNICAST,
        Name.REQUEST,
        Name.ACK_BROADCAST,
        Name.ACK_UNICAST,
        Name.DECLINE,
        Name.RENEW,
        Name.RENEW_ACK,
    }
)
# dhcp server/dhcp.c dhcp_reply: what is for an address in use leaves through the fallback's UDP socket.
_BY_FALLBACK = ("dhcpd", Name.RENEW_ACK)


def other_end(scene: Scene, target: Target, server: Server, boot: Boot | None, name: Name) -> Ends | None:
    """None where this exchange has no such packet."""
    guest = entry_port(scene.bridge, target)
    if name in _TFTP | _HTTP:
        return _boot_end(scene, target, guest, boot) if boot and boot.http is (name in _HTTP) else None
    if server.only_ipv6 and name in _IPV6:
        return Ends(guest=guest, client=target.client, by=By.SOCKET)
    if server.kind is ServerKind.UNKNOWN:
        return Ends(guest=guest, client=target.client, by=By.NOWHERE) if name is Name.DISCOVER else None
    if server.kind is ServerKind.OUTSIDE:
        return _through(scene, target, guest, server.port)
    raw = server.kind is ServerKind.RAW and name in _IN_FRAMES and (server.program, name) != _BY_FALLBACK
    by_routes = (server.program, name) == _BY_FALLBACK
    return Ends(guest=guest, client=target.client, by=By.FRAMES if raw else By.SOCKET, by_routes=by_routes)


def _through(scene: Scene, target: Target, guest: AnyPort, port: str | None) -> Ends:
    there = scene.bridge.port(port) if port else None
    return Ends(guest=guest, client=target.client, by=By.PORT, port=there or OtherGuest())


def _boot_end(scene: Scene, target: Target, guest: AnyPort, boot: Boot) -> Ends:
    """dnsmasq names the bridge in what it says of DHCP (src/dhcp.c dhcp_packet), and none with a file (tftp.c)."""
    if boot.where is BootFrom.HERE:
        return Ends(guest=guest, client=target.client, by=By.SOCKET, by_routes=True)
    if boot.where is BootFrom.ROUTED:
        return Ends(guest=guest, client=target.client, by=By.ROUTING, device=boot.device)
    outward = tuple(scene.known.outward(scene.bridge))
    return _through(scene, target, guest, outward[0] if len(outward) == 1 else None)
