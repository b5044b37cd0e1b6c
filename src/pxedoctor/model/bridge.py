"""Linux bridges and their ports, as sysfs tells them (net/bridge/br_sysfs_br.c, br_sysfs_if.c).

sysfs and not `ip -d link`, because iproute2 before 6.5 prints the bridge's own id as the root's.
"""

from enum import IntEnum

import msgspec


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


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """A port of a bridge. `number` is what the bridge's `root_port` speaks of (sysfs brport/port_no).

    `bpdus_received` is None where the kernel does not count them (before 5.6). The flags are those of bridge(8); a flag
    that the kernel does not have has its default, None where it could not be read.
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


class Bridge(msgspec.Struct, frozen=True, kw_only=True):
    """A bridge. Times are seconds and the *effective* ones: behind a foreign root they are the root's.

    `nf_call_*`: br_netfilter is on for this bridge, whatever the sysctl of the whole host says (the kernel asks for
    either). `vlan_filtering` is off where the kernel does not have it. None: could not be read.
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
