"""Processes that matter to a guest's boot: DHCP servers, libvirt's daemons, firewall managers."""

import msgspec


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """One process, from ps(1). A zombie is dead: it holds its pid and serves nobody."""

    pid: int
    parent: int
    state: str
    name: str
    command: str

    @property
    def alive(self) -> bool:
        return not self.state.startswith(("Z", "X"))


class Socket(msgspec.Struct, frozen=True, kw_only=True):
    """A listening UDP socket or a packet socket, from /proc/net/{udp,udp6,packet}."""

    kind: str
    port: int
    address: str = ""
    interface: int = 0
    inode: int = 0
