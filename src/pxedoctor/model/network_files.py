"""Configuration files of the systems that make bridges, as they are on disk, and which of these are installed."""

from typing import Literal

import msgspec

# What tells two readers of the same file apart; and whether this host has iptables at all.
Program = Literal[
    "bridge-utils", "brctl", "ifupdown2", "ifupdown-ng", "network-scripts", "NetworkManager", "Proxmox VE", "iptables"
]


class NetworkFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file, its lines as on disk; values of secrets are stars, and of scripts only lines about bridges are kept.

    `closed`: why it was not read, "" where it was. `link`: where it leads, if it is a symbolic link. `whole` False: it
    was longer than what is kept of a file.
    """

    path: str
    text: str = ""
    closed: str = ""
    link: str = ""
    whole: bool = True

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


class NetworkFiles(msgspec.Struct, frozen=True, kw_only=True):
    """`files` in the order in which they were found; `kept`: the folders that Incus and LXD keep of each network."""

    files: tuple[NetworkFile, ...] = ()
    programs: tuple[Program, ...] = ()
    kept: tuple[str, ...] = ()

    def at(self, path: str) -> NetworkFile | None:
        return next((file for file in self.files if file.path == path), None)

    def under(self, *folders: str) -> tuple[NetworkFile, ...]:
        """Files directly in one of the folders, in the order of `folders`, then by name."""
        return tuple(file for folder in folders for file in self.files if file.folder == folder)
