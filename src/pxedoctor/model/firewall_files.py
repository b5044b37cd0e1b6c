"""Configuration files in which firewall rules stand, as they are on disk."""

import msgspec


class FirewallFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file. Its lines count as on disk; of scripts, lines that name no firewall program are empty.

    `closed`: why it could not be read, "" where it could. `whole` False: it was longer than what is kept of a file.
    """

    path: str
    text: str = ""
    closed: str = ""
    whole: bool = True
