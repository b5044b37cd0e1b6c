"""Linux bridges and their ports, as sysfs tells them (net/bridge/br_sysfs_br.c, br_sysfs_if.c).

sysfs and not `ip -d link`, because iproute2 before 6.5 prints the bridge's own id as the root's.
"""

from enum import IntEnum
from typing import Literal

import msgspec

from pxedoctor.model.fact import Missing


class Stp(IntEnum):
    """/sys/class/net/BR/bridge/stp_state (net/bridge/br_private.h)."""

    OFF = 0
    KERNEL = 1
    USER = 2


class PortState(IntEnum):
    """/sys/class/net/PORT/brport/state (include/uapi/linux/if_bridge.h)."""

    DISABLED = 0
    LISTENING = 1
    LEARNING = 2
    FORWARDING = 3
    BLOCKING = 4


class Vlan(msgspec.Struct, frozen=True, kw_only=True):
    """VLAN ids `first` to `last` of a port, or of a bridge itself (bridge(8) vlan).

    `pvid`: frames that come in without a tag belong to it. `untagged`: they leave without a tag.
    """

    first: int
    last: int
    pvid: bool = False
    untagged: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.first <= self.last <= 4094:
            raise ValueError(f"VLAN ids are 1 to 4094, not {self.first} to {self.last}")

    def has(self, vid: int) -> bool:
        return self.first <= vid <= self.last


# What a port is to belong to: what a new one gets (default_pvid), what could not be read, or exactly these.
PortVlans = Literal["as-made", "unknown"] | tuple[Vlan, ...]


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """A port of a bridge. `number` is what the bridge's `root_port` speaks of (sysfs brport/port_no).

    `bpdus_received` is None where the kernel does not count them (before 5.6). The flags are those of bridge(8); a flag
    that the kernel does not have has its default, None where it could not be read. `vlans` are asked for only where the
    bridge filters VLANs; None: they could not be had. `macs` are the addresses that the bridge knows behind the port,
    asked for only where it does not learn, is not flooded to or is locked.
    """

    name: str
    state: PortState
    bpdus_received: int | None = None
    number: int | None = None
    isolated: bool | None = False
    flood: bool | None = True
    mcast_flood: bool | None = True
    bcast_flood: bool | None = True
    learning: bool | None = True
    locked: bool | None = False
    macs: tuple[str, ...] | None = ()
    vlans: tuple[Vlan, ...] | None = ()


class Snooping(msgspec.Struct, frozen=True, kw_only=True):
    """A bridge that hands IPv6 multicast only to ports that asked for it. `querier`: who asks the ports what they want.

    `querier` is the bridge's own name or a port's, "" for none: then the bridge floods, as if it did not snoop.
    `members`: ports that get what is sent to all DHCPv6 servers, routers' among them; None: not known.
    """

    querier: str
    members: tuple[str, ...] | None = ()


class Bridge(msgspec.Struct, frozen=True, kw_only=True):
    """A bridge. Times are seconds and the *effective* ones: behind a foreign root they are the root's.

    `nf_call_*`: br_netfilter is on for this bridge, whatever the sysctl of the whole host says (the kernel asks for
    either). `vlan_filtering` is off where the kernel does not have it. None: could not be read. `vlans` are the
    bridge's own memberships, asked for where it filters: what may come up to it and be sent from it. A new port is put
    into `default_pvid`, untagged; 0: into none. `snooping` is None where it does not snoop multicast, or has no port
    that leads out; a Missing says why nobody can tell who queries.
    """

    name: str
    stp: Stp
    forward_delay: float
    hello_time: float
    max_age: float
    bridge_id: str
    root_id: str
    root_port: int
    nf_call_iptables: bool | None = False
    nf_call_ip6tables: bool | None = False
    nf_call_arptables: bool | None = False
    vlan_filtering: bool | None = False
    vlans: tuple[Vlan, ...] | None = ()
    default_pvid: int | None = None
    snooping: Snooping | Missing | None = None
    ports: tuple[Port, ...] = ()

    def __post_init__(self) -> None:
        if self.forward_delay < 0:
            raise ValueError(f"forward delay of {self.name} is negative: {self.forward_delay}")

    @property
    def is_root(self) -> bool:
        return self.root_port == 0

    @property
    def towards_root(self) -> Port | None:
        """The port through which another root is heard; None for the root itself, or where its number was not read."""
        return None if self.is_root else next((port for port in self.ports if port.number == self.root_port), None)

    def port(self, name: str) -> Port | None:
        return next((port for port in self.ports if port.name == name), None)
