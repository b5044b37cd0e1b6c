"""Processes that matter to a guest's boot: DHCP servers, libvirt's daemons, firewall managers."""

from typing import Literal

import msgspec


class ReadFrom(msgspec.Struct, frozen=True, kw_only=True):
    """A file or folder that is there, and that a dnsmasq has its settings from.

    `value` as its option has it: after a folder's comma come endings (dnsmasq(8), --conf-dir). `argument`: its command
    line names it, and not another file, or nobody (its default file).
    """

    option: Literal["conf-file", "conf-dir"]
    value: str
    argument: bool


def lives_elsewhere(its: str | None, ours: str | None) -> bool:
    """Whether a process is known to be in another network namespace than ours.

    Both as net:[4026531840] (namespaces(7)). One that cannot be read ("" or None) is no proof: a zombie is in none, and
    a stranger may not look.
    """
    return bool(its) and bool(ours) and its != ours


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """One process. A zombie is dead: it holds its pid and serves nobody.

    `command` is "" for a program that is none of ours: its arguments are not read. `elsewhere`: it
    lives in another network namespace (a container's), and serves nobody here. `settings` are the lines that matter of
    a dnsmasq's own configuration files, each `option=value` or `option`; None: they could not be read, or not all;
    `read_from` is where they stand. `unit` is the service of systemd's that a server, or dockerd, belongs to; "" for
    none, or none that is known; None where systemd does not run.
    `filtered` says by which setting systemd filters a server's traffic; "" for none, or none that is known. `uid` and
    `gids` are as whom a server reads files; None and () where that is not known.
    """

    pid: int
    parent: int
    state: str
    name: str
    command: str
    elsewhere: bool = False
    settings: tuple[str, ...] | None = ()
    read_from: tuple[ReadFrom, ...] = ()
    unit: str | None = None
    filtered: str = ""
    uid: int | None = None
    gids: tuple[int, ...] = ()

    @property
    def alive(self) -> bool:
        return not self.state.startswith(("Z", "X"))


class Socket(msgspec.Struct, frozen=True, kw_only=True):
    """A UDP socket (`kind` udp or udp6), a TCP socket that listens (tcp, tcp6) or a packet socket (`packet`).

    `port` and `address` are the local ones, from /proc/net/{udp,udp6,tcp,tcp6}. `interface` (an ifindex, 0 for all) and
    `protocol` (an EtherType, 3 for all) are a packet socket's; which device another is bound to, /proc does not tell.
    """

    kind: str
    port: int
    address: str = ""
    interface: int = 0
    protocol: int = 0
    inode: int = 0
