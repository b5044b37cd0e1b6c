"""A tree of saved files, read as data: no name and no link in it ever leads out of it.

Paths are tuples of names. A link is followed inside the tree, as if its top were the root of the host; `..` above the
top stays at the top. Neither says anything about this machine.
"""

import os
import stat
from pathlib import Path
from typing import Protocol

import msgspec

# Larger than any listing a check reads (100,000 iptables rules are 10 MB).
MOST_BYTES = 64 * 1024 * 1024
# Linux gives up after as many (path_resolution(7)).
_MOST_LINKS = 40

Parts = tuple[str, ...]


class File(msgspec.Struct, frozen=True):
    """`content` is None for a file that is there and was not taken: too large, or not for us; `why` says which."""

    content: bytes | None
    why: str = ""


class Folder(msgspec.Struct, frozen=True):
    """`names` in order; `why` is "" unless it could not be listed."""

    names: tuple[str, ...]
    why: str = ""


class Link(msgspec.Struct, frozen=True):
    target: str


Node = File | Folder | Link


class Tree(Protocol):
    """Saved files. `node` does not follow links; None: there is nothing of that name."""

    def node(self, parts: Parts) -> Node | None: ...


def find(tree: Tree, path: str) -> Node | None:
    """The file or folder at a path of the saved host, links followed; None where there is none, or links go round."""
    return _walk(tree, path)[1]


def link_at(tree: Tree, path: str) -> str | None:
    """Where the link at this path points; None where there is no link."""
    folder, _, name = path.rstrip("/").rpartition("/")
    parts, above = _walk(tree, folder)
    found = tree.node((*parts, name)) if isinstance(above, Folder) else None
    return found.target if isinstance(found, Link) else None


def _walk(tree: Tree, path: str) -> tuple[Parts, Node | None]:
    """Where a path leads, and what is there."""
    parts: Parts = ()
    here: Node | None = tree.node(())
    waiting = _names(path)
    links = 0
    while waiting:
        name = waiting.pop(0)
        if not isinstance(here, Folder):
            return parts, None
        if name == "..":
            parts = parts[:-1]
            here = tree.node(parts)
            continue
        found = tree.node((*parts, name))
        if isinstance(found, Link):
            links += 1
            if links > _MOST_LINKS:
                return parts, None
            if found.target.startswith("/"):
                parts, here = (), tree.node(())
            waiting = [*_names(found.target), *waiting]
        else:
            parts, here = (*parts, name), found
    return parts, here


def _names(path: str) -> list[str]:
    return [name for name in path.split("/") if name not in {"", "."}]


class OnDisk:
    """A folder on this machine. Links are read and never followed by the kernel; only plain files are opened."""

    def __init__(self, top: str) -> None:
        self._top = top

    def newest(self, folder: str) -> int:
        """When the file in this folder that was written last was written, seconds since 1970; 0 where there is none."""
        try:
            with os.scandir(os.path.join(self._top, folder)) as entries:
                return max((int(entry.stat(follow_symlinks=False).st_mtime) for entry in entries), default=0)
        except OSError:
            return 0

    def node(self, parts: Parts) -> Node | None:
        # `find` asks for a name only after it has seen that everything above is a folder and no link.
        path = os.path.join(self._top, *parts)
        try:
            mode = os.lstat(path).st_mode if parts else os.stat(path).st_mode
            if stat.S_ISLNK(mode):
                return Link(str(Path(path).readlink()))
            if stat.S_ISDIR(mode):
                return _folder(path)
            return _file(path) if stat.S_ISREG(mode) else None
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            return File(None, f"{path}: {error}")


def _folder(path: str) -> Folder:
    try:
        return Folder(tuple(sorted(os.listdir(path))))
    except OSError as error:
        return Folder((), f"{path}: {error.strerror}")


def _file(path: str) -> File:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    with open(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return File(None, f"{path} is not a file")
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        return File(None, f"{path} is larger than {MOST_BYTES >> 20} MiB")
    return File(content)
