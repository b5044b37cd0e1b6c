"""A tar archive as a tree in memory. Nothing is written to disk, whatever the archive says.

1. Of the members only those are kept that a diagnosis may ask for (`wanted`), each and all together bounded; of the
   others the names are known. Devices, pipes and names with `..` in them are passed over.
2. An archive that unpacks to more than 4 GiB or has more than half a million members is refused.

Sources: pax(1), ustar; tar(5) for GNU's long names.
"""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

import msgspec

from pxedoctor.access.saved.tree import MOST_BYTES, File, Folder, Link, Node, Parts
from pxedoctor.access.saved.unpack import UnpackError, pieces
from pxedoctor.access.snapshot import SnapshotError

_BLOCK = 512
# Of a name or a pax header; Linux has no path that is longer than 4096.
_MOST_NAME = 64 * 1024
_OTHER_ONE = "give a sosreport as `sos report` wrote it, or the folder that it unpacks to"

Wanted = Callable[[Parts], bool]


class Limits(msgspec.Struct, frozen=True):
    """Bytes that are unpacked, members, bytes that are kept of all members and of one."""

    unpacked: int = 4 * 1024 * 1024 * 1024
    members: int = 500_000
    kept: int = 192 * 1024 * 1024
    file: int = MOST_BYTES


SOSREPORT = Limits()


def is_tar(file: BinaryIO) -> bool:
    """Whether the file unpacks to a tar archive; it is read from its beginning again afterwards."""
    try:
        first = next(pieces(file), b"")[:_BLOCK]
    except UnpackError:
        first = b""
    file.seek(0)
    return len(first) == _BLOCK and first[257:262] == b"ustar" and _sum_is_right(first)


class Archive:
    """The kept members, below the one folder that all of them are in, if there is one.

    `newest`: when the member that was written last was written, seconds since 1970.
    """

    def __init__(self, nodes: dict[Parts, Node], newest: int) -> None:
        self._nodes = nodes
        self.newest = newest
        names: dict[Parts, set[str]] = {(): set()}
        for parts in nodes:
            for depth in range(len(parts)):
                names.setdefault(parts[:depth], set()).add(parts[depth])
        self._folders = names

    def node(self, parts: Parts) -> Node | None:
        found = self._nodes.get(parts)
        if found is None or isinstance(found, Folder):
            names = self._folders.get(parts)
            return Folder(tuple(sorted(names))) if names is not None else found
        return found


def read_archive(path: str, file: BinaryIO, wanted: Wanted, limits: Limits = SOSREPORT) -> Archive:
    """Raises SnapshotError: not an archive, damaged, or larger than any sosreport."""
    reading = _Reading(path, wanted, limits)
    try:
        reading.read(_Stream(path, pieces(file), limits.unpacked))
    except UnpackError as error:
        raise SnapshotError(f"{path} is damaged: {error}", "copy it again") from error
    nodes = reading.nodes
    tops = {parts[0] for parts in nodes}
    if len(tops) == 1 and all(len(parts) > 1 or isinstance(node, Folder) for parts, node in nodes.items()):
        nodes = {parts[1:]: node for parts, node in nodes.items() if len(parts) > 1}
    return Archive(nodes, reading.newest)


class _Stream:
    """Takes exactly so many bytes from pieces of any length."""

    def __init__(self, path: str, source: Iterator[bytes], most: int) -> None:
        self._path = path
        self._most = most
        self._source = source
        self._piece = memoryview(b"")
        self._unpacked = 0

    def take(self, size: int) -> bytes:
        """Fewer only at the end."""
        found = bytearray()
        for part in self._parts(size):
            found += part
        return bytes(found)

    def skip(self, size: int) -> None:
        for _ in self._parts(size):
            pass

    def _parts(self, size: int) -> Iterator[memoryview]:
        while size > 0:
            if not self._piece:
                block = next(self._source, b"")
                if not block:
                    return
                self._unpacked += len(block)
                if self._unpacked > self._most:
                    limit = f"{self._most >> 20} MiB"
                    raise SnapshotError(f"{self._path} unpacks to more than {limit}: it is no sosreport", _OTHER_ONE)
                self._piece = memoryview(block)
            part, self._piece = self._piece[:size], self._piece[size:]
            size -= len(part)
            yield part


class _Reading:
    """Header after header; GNU and pax headers speak of the member that follows them."""

    def __init__(self, path: str, wanted: Wanted, limits: Limits) -> None:
        self.nodes: dict[Parts, Node] = {}
        self.newest = 0
        self._path = path
        self._wanted = wanted
        self._limits = limits
        self._kept = 0
        self._said: dict[str, str] = {}

    def read(self, stream: _Stream) -> None:
        for number in range(self._limits.members):
            header = stream.take(_BLOCK)
            if len(header) < _BLOCK:
                raise SnapshotError(f"{self._path} ends in the middle", "copy it again")
            if not header.strip(b"\0"):
                return
            if not _sum_is_right(header):
                what = "is damaged" if number else "is neither a snapshot nor an archive"
                raise SnapshotError(f"{self._path} {what}", _OTHER_ONE)
            self._member(header, stream)
        raise SnapshotError(
            f"{self._path} has more than {self._limits.members} members: it is no sosreport", _OTHER_ONE
        )

    def _member(self, header: bytes, stream: _Stream) -> None:
        size, kind = _number(header[124:136]), header[156:157]
        padding = -size % _BLOCK
        if kind in b"LKxgX" and kind:
            if size > _MOST_NAME:
                raise SnapshotError(f"{self._path} has a name of {size} bytes: it is no sosreport", _OTHER_ONE)
            self._note(kind, stream.take(size))
            stream.skip(padding)
            return
        self.newest = max(self.newest, _number(header[136:148]))
        said, self._said = self._said, {}
        name = said.get("path") or _header_name(header)
        target = said.get("linkpath") or _text(header[157:257])
        size = int(said["size"]) if re.fullmatch("[0-9]{1,18}", said.get("size", "")) else size
        padding = -size % _BLOCK
        parts = tuple(part for part in name.split("/") if part not in {"", "."})
        is_plain = parts and ".." not in parts
        if kind in b"\0" + b"07" and is_plain:
            self.nodes[parts] = self._file(parts, size, stream)
            stream.skip(padding)
            return
        if kind == b"5" and is_plain:
            self.nodes.setdefault(parts, Folder(()))
        elif kind == b"2" and is_plain:
            self.nodes[parts] = Link(target)
        elif kind == b"1" and is_plain:
            # A second name of a member that came before.
            first = tuple(part for part in target.split("/") if part not in {"", "."})
            if isinstance(twin := self.nodes.get(first), File):
                self.nodes[parts] = twin
        stream.skip(size + padding)

    def _note(self, kind: bytes, content: bytes) -> None:
        if kind == b"L":
            self._said["path"] = _text(content)
        elif kind == b"K":
            self._said["linkpath"] = _text(content)
        elif kind in b"xX":
            self._said |= _pax(content)

    def _file(self, parts: Parts, size: int, stream: _Stream) -> File:
        name = "/".join(parts)
        if not self._wanted(parts):
            stream.skip(size)
            return File(None, f"{name} was not read")
        if size > self._limits.file or self._kept + size > self._limits.kept:
            stream.skip(size)
            return File(None, f"{name} is too large: {size} bytes")
        content = stream.take(size)
        if len(content) < size:
            raise SnapshotError(f"{self._path} ends in the middle", "copy it again")
        self._kept += size
        return File(content)


def _sum_is_right(header: bytes) -> bool:
    """The sum of all bytes, with the sum's own field as blanks (ustar)."""
    return _number(header[148:156]) == sum(header) - sum(header[148:156]) + 8 * ord(" ")


def _number(field: bytes) -> int:
    """Octal digits, or GNU's base 256 for what does not fit."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    return int(digits, 8) if digits and not digits.strip(b"01234567") else 0


def _header_name(header: bytes) -> str:
    name, prefix = _text(header[:100]), _text(header[345:500])
    return f"{prefix}/{name}" if header[257:263] == b"ustar\0" and prefix else name


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", errors="backslashreplace")


def _pax(content: bytes) -> dict[str, str]:
    """Records `LENGTH KEY=VALUE\\n` (pax(1), extended header)."""
    found: dict[str, str] = {}
    while content:
        length, _, _ = content.partition(b" ")
        if not length.isdigit() or not 0 < int(length[:9]) <= len(content):
            break
        key, _, value = content[len(length) + 1 : int(length)].rstrip(b"\n").partition(b"=")
        found[_text(key)] = _text(value)
        content = content[int(length) :]
    return found
