"""A boot file that this host serves: what is on the way to it, who may read it, and how it begins."""

from typing import Literal

import msgspec

Kind = Literal["folder", "file", "other"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One component of the way, links followed. `mode`: its twelve permission bits; `acl`: more decides than they."""

    path: str
    kind: Kind
    mode: int
    uid: int
    gid: int
    acl: bool = False


class BootFile(msgspec.Struct, frozen=True, kw_only=True):
    """`path` as a server opens it; `real` without links, "" where it is not known.

    `entries`: every component of both that could be looked at, from / on. `absent`: the first that does not exist, ""
    for none; `unknown`: why more is not known, "" where all is. `first`: its first bytes, 4096 at most, without the
    credentials that a script may hold.
    """

    path: str
    real: str
    entries: tuple[Entry, ...]
    absent: str = ""
    unknown: str = ""
    size: int | None = None
    first: bytes = b""

    @property
    def file(self) -> Entry | None:
        """The file itself, where it could be looked at."""
        return next((entry for entry in self.entries if entry.path == self.path), None)
