"""Which of the ports that a libvirt network's dnsmasq binds is another program's, so that it cannot start.

libvirt's dnsmasq (bind-dynamic) binds the network's own address on port 53, TCP and UDP, and every address on port 67.

1. A TCP socket that listens on port 53 of every address, or of that one, leaves no room: two listeners share a port
   only with SO_REUSEPORT (inet_csk_bind_conflict). UDP sockets share it where both have SO_REUSEADDR, as dnsmasq's do.
2. Port 67 is shared by every dnsmasq that has bind-interfaces or bind-dynamic. One that has neither asks for no sharing
   (dnsmasq src/dhcp.c, make_fd), and nor may another program: of that one only a log tells.
"""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.process import Process, Socket
from pxedoctor.road.dnsmasq import settings_of
from pxedoctor.road.dnsmasq_room import SHARING
from pxedoctor.road.subnet import ipv4_subnets

DOMAIN = 53
BOOTPS = 67
_EVERYWHERE = "0.0.0.0"
_RESOLVERS = ("named", "unbound", "pihole-FTL", "systemd-resolve")


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """`holder`: None where several programs may have it, or one that is not known. `sure`: no bind can succeed."""

    port: int
    kind: str
    address: str
    sure: bool
    holder: Process | None = None

    @property
    def origin(self) -> str:
        return f"/proc/net/{self.kind}"


def taken_ports(host: Host, network: Network) -> tuple[Taken, ...]:
    """Of a network whose dnsmasq does not run; () where its ports are free. Sockets that are not known are none."""
    sockets = () if isinstance(host.sockets, Missing) else host.sockets
    own = {subnet.address for subnet, _ in ipv4_subnets(network)}
    names = [_name_server(host, socket) for socket in sockets if network.dns and _is_domain(socket, own)]
    dhcp = any(subnet.serves_dhcp for subnet, _ in ipv4_subnets(network))
    return (*names, *(bootps(host) if dhcp else ()))


def _is_domain(socket: Socket, own: set[str]) -> bool:
    return socket.kind == "tcp" and socket.port == DOMAIN and socket.address in {_EVERYWHERE, *own}


def _name_server(host: Host, socket: Socket) -> Taken:
    anywhere = socket.address == _EVERYWHERE
    perhaps = [process for process in _living(host) if _resolves(process) and not (anywhere and _shares(process))]
    holder = perhaps[0] if len(perhaps) == 1 else None
    return Taken(port=DOMAIN, kind=socket.kind, address=socket.address, sure=True, holder=holder)


def _resolves(process: Process) -> bool:
    if process.name in _RESOLVERS:
        return True
    settings = settings_of(process) if "dnsmasq" in process.name and "/libvirt/" not in process.command else None
    return settings is not None and "0" not in settings.values("port")


def bootps(host: Host) -> tuple[Taken, ...]:
    """Who holds port 67 of every address. A dnsmasq that shares it is left out, be it libvirt's or another."""
    sockets = () if isinstance(host.sockets, Missing) else host.sockets
    bound = [s for s in sockets if s.kind == "udp" and s.port == BOOTPS and s.address == _EVERYWHERE]
    if not bound:
        return ()
    greedy = [process for process in _living(host) if _keeps_bootps(process)]
    strangers = len(bound) - sum(1 for process in _living(host) if _shares(process))
    if greedy:
        return tuple(_bootps(process) for process in greedy)
    return (_bootps(None),) if strangers > 0 else ()


def _bootps(holder: Process | None) -> Taken:
    return Taken(port=BOOTPS, kind="udp", address=_EVERYWHERE, sure=holder is not None, holder=holder)


def _keeps_bootps(process: Process) -> bool:
    settings = settings_of(process) if "dnsmasq" in process.name and "/libvirt/" not in process.command else None
    if settings is None or _shares(process):
        return False
    return any(":" not in value for value in settings.values("dhcp-range"))


def _shares(process: Process) -> bool:
    """A dnsmasq that leaves room for others; libvirt's all do."""
    if "dnsmasq" not in process.name:
        return False
    settings = settings_of(process)
    return "/libvirt/" in process.command or (settings is not None and any(settings.has(word) for word in SHARING))


def _living(host: Host) -> tuple[Process, ...]:
    processes = () if isinstance(host.processes, Missing) else host.processes
    return tuple(process for process in processes if process.alive and not process.elsewhere)
