"""Who may answer a guest's DISCOVER, and by which kind of way: that decides which hooks see the exchange.

1. libvirt's network serves its bridge by a dnsmasq, which receives on a UDP socket: INPUT and OUTPUT decide.
2. Another program of this host: by UDP (dnsmasq, udhcpd, Kea with dhcp-socket-type udp), or by a packet socket on the
   bridge (ISC dhcpd's LPF, Kea's default), which INPUT and OUTPUT never see.
3. Somebody behind another port of the bridge: the wire, a container, or, where no port leads out, another guest.

Several candidates are several answers, unless one is certain. Who serves IPv6 alone answers no DISCOVER: it is UNKNOWN
who does, and what is asked over IPv6 ends at this host (road.serving6).
"""

import re
from collections.abc import Iterator
from enum import StrEnum

import msgspec

from pxedoctor.model.bridge import Bridge
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.process import Process, Socket
from pxedoctor.model.target import Target
from pxedoctor.road.dnsmasq import Served, relayed_to, served_on, settings_of
from pxedoctor.road.network import network_of, serving_network
from pxedoctor.road.server import may_serve
from pxedoctor.road.serving6 import Serving6, may_serve6, serving6
from pxedoctor.road.tree import ways_out

_RAW = ("dhcpd", "kea-dhcp4", "dhcrelay")
# /proc/net/packet: ETH_P_ALL, ETH_P_IP.
_HEARS_IP = frozenset({0x0003, 0x0800})
_BOOTPS = 67


class ServerKind(StrEnum):
    UDP = "udp"
    RAW = "raw"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """`why` is one clause. UDP and RAW: the `program` of this host and its pid; `network`: libvirt's, if it is its own.

    UNKNOWN: `six` may be what is served over IPv6. `served`: what a dnsmasq's own settings say that it hands out
    there. OUTSIDE: `port` of the bridge leads to it, None where that is some other guest's.
    """

    kind: ServerKind
    why: str
    program: str = ""
    pid: int | None = None
    network: Network | None = None
    served: Served | None = None
    port: str | None = None
    six: Serving6 | None = None

    @property
    def here(self) -> bool:
        return self.kind in {ServerKind.UDP, ServerKind.RAW}

    @property
    def only_ipv6(self) -> bool:
        """Nobody is known who answers a DISCOVER, and this host serves IPv6 there."""
        return self.kind is ServerKind.UNKNOWN and self.six is not None


def servers_of(host: Host, bridge: Bridge, target: Target) -> tuple[Server, ...]:
    """Never empty. A certain one alone, else everybody who may be it."""
    network = serving_network(host, target)
    if network is not None:
        why = f"libvirt runs a dnsmasq for the network {network.name}"
        return (Server(kind=ServerKind.UDP, why=why, program="dnsmasq", network=network, pid=_pid(network)),)
    found = tuple(_programs(host, bridge))
    certain = tuple(server for server, sure in found if sure)
    if certain:
        return certain
    outside = tuple(_outside(host, bridge))
    six = serving6(host, bridge.name, network_of(host, target))
    if six is not None and not found and not any(server.port for server in outside):
        # That another guest answers IPv4 is less likely than that nobody is meant to.
        return (_nobody(bridge, six.why, six),)
    return (*(server for server, _ in found), *outside) or (_nobody(bridge, may_serve6(host)),)


def _pid(network: Network) -> int | None:
    return None if isinstance(network.server_pid, Missing) else network.server_pid


def _nobody(bridge: Bridge, over_ipv6: str, six: Serving6 | None = None) -> Server:
    why = f"no DHCP server of this host is known on {bridge.name}, and no port leads to another"
    return Server(kind=ServerKind.UNKNOWN, why=f"{why}: {over_ipv6}" if over_ipv6 else why, six=six)


def _programs(host: Host, bridge: Bridge) -> Iterator[tuple[Server, bool]]:
    """Programs of this host that serve DHCP on the bridge; True where the facts prove it."""
    processes = () if isinstance(host.processes, Missing) else host.processes
    for process in processes:
        if process.alive and not process.elsewhere and may_serve(process, _names_of(host, bridge)):
            found = _of_process(host, bridge, process)
            if found is not None:
                yield found


def _names_of(host: Host, bridge: Bridge) -> frozenset[str]:
    """By what a server's arguments may name the bridge: its name and its addresses."""
    link = host.link(bridge.name)
    return frozenset({bridge.name, *(entry.address for entry in (link.addresses if link else ()))})


def _of_process(host: Host, bridge: Bridge, process: Process) -> tuple[Server, bool] | None:
    settings = settings_of(process) if "dnsmasq" in process.name else None
    link = host.link(bridge.name)
    if settings is not None:
        served = served_on(settings, bridge.name, link)
        if served is not None:
            return msgspec.structs.replace(_by_udp(process, bridge), served=served), True
        server = relayed_to(settings, link)
        why = f"{process.name} (pid {process.pid}) relays what it hears on {bridge.name} to {server}"
        relay = Server(kind=ServerKind.UDP, why=why, program=process.name, pid=process.pid)
        return (relay, True) if server else None
    words = set(re.split(r"[\s=,]+", process.command))
    named = bool(words & _names_of(host, bridge))
    if isinstance(host.sockets, Missing):
        kind = ServerKind.RAW if process.name in _RAW else ServerKind.UDP
        return _server(kind, process, bridge), named and process.name not in _RAW
    if process.name in _RAW and _hears_frames(host, bridge, host.sockets):
        return _server(ServerKind.RAW, process, bridge), True
    bound = [socket for socket in host.sockets if socket.kind == "udp" and socket.port == _BOOTPS]
    if process.name in _RAW:
        # Without a packet socket here it serves other devices, but for a Kea that was told to use UDP sockets.
        ours = any(socket.address in _names_of(host, bridge) for socket in bound)
        return (_server(ServerKind.UDP, process, bridge), True) if ours else None
    return (_server(ServerKind.UDP, process, bridge), named) if bound else None


def _by_udp(process: Process, bridge: Bridge) -> Server:
    why = f"{process.name} (pid {process.pid}) serves {bridge.name} by a UDP socket, as its settings say"
    return Server(kind=ServerKind.UDP, why=why, program=process.name, pid=process.pid)


def _hears_frames(host: Host, bridge: Bridge, sockets: tuple[Socket, ...]) -> bool:
    link = host.link(bridge.name)
    index = link.index if link else -1
    packets = (socket for socket in sockets if socket.kind == "packet" and socket.protocol in _HEARS_IP)
    return any(socket.interface == index for socket in packets)


def _server(kind: ServerKind, process: Process, bridge: Bridge) -> Server:
    how = "a UDP socket" if kind is ServerKind.UDP else "a packet socket"
    why = (
        f"{process.name} (pid {process.pid}) serves by {how}, and nothing binds it to devices other than {bridge.name}"
    )
    return Server(kind=kind, why=why, program=process.name, pid=process.pid)


def _outside(host: Host, bridge: Bridge) -> Iterator[Server]:
    names = ways_out(host, bridge)
    for name in names:
        yield Server(kind=ServerKind.OUTSIDE, why=f"it may be behind {name}", port=name)
    if not names and len(bridge.ports) > 1:
        yield Server(kind=ServerKind.OUTSIDE, why=f"it may be another guest on {bridge.name}")
