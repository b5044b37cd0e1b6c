"""A host in one file: every text that was asked for, where it came from, and when. Compressed JSON, versioned.

1. `write` makes the file whole or not at all, readable by its owner only, and never in the place of a device or folder.
2. `read` gives a Snapshot, or a SnapshotError that says what is wrong with the file and what would help. The file may
   come from a stranger: its size in memory is bounded, and nothing in it is ever used as a path on this machine.
3. A folder stands for the one file in it. Sosreports are read elsewhere (access/saved).
"""

import os
import re
import stat
import zlib
from typing import BinaryIO

import msgspec

from pxedoctor.access.answer import Answer
from pxedoctor.access.whole_file import write_whole

FORMAT = "pxedoctor-snapshot"
VERSION = 1
# A host with 200 guests gives 3 MB; 100,000 iptables rules another 10 MB. What unpacks to more is no snapshot.
_MOST_BYTES = 128 * 1024 * 1024
_PIECE = 1024 * 1024
_GZIP_WINDOW = 31
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
_WRITE_ONE = "give a file that `pxedoctor snapshot -o FILE` wrote"


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """`taken_at` is RFC 3339, UTC, to the second; `answers` are keyed by question (access/answer.py)."""

    format: str
    version: int
    tool: str
    taken_at: str
    answers: dict[str, Answer]

    def __post_init__(self) -> None:
        if not re.fullmatch(_TIME, self.taken_at):
            raise ValueError(f"taken_at is not a time: {self.taken_at[:40]!r}")


class SnapshotError(Exception):
    """A snapshot could not be written or understood."""

    def __init__(self, message: str, would_help: str) -> None:
        super().__init__(message)
        self.message = message
        self.would_help = would_help


def write(path: str, snapshot: Snapshot) -> None:
    content = msgspec.json.encode(snapshot)
    if len(content) > _MOST_BYTES:
        raise SnapshotError(f"the texts of this host are more than {_MOST_BYTES >> 20} MiB", "this is a bug: report it")
    packer = zlib.compressobj(wbits=_GZIP_WINDOW)
    packed = packer.compress(content) + packer.flush()
    try:
        write_whole(path, packed)
    except OSError as error:
        raise SnapshotError(f"{path} cannot be written: {error.strerror}", "choose another -o FILE") from error


def read(path: str) -> Snapshot:
    try:
        with opened(_file_of(path)) as file:
            content = _unpacked(path, file)
    except OSError as error:
        raise SnapshotError(f"{path} cannot be read: {error.strerror}", "check the path and its permissions") from error
    except ValueError as error:
        raise SnapshotError(f"{path!r} is not a path: {error}", _WRITE_ONE) from error
    except zlib.error as error:
        raise SnapshotError(f"{path} is not a snapshot, or is damaged: {error}", _WRITE_ONE) from error
    return _decode(path, content)


def _file_of(path: str) -> str:
    if not os.path.isdir(path):
        return path
    names = os.listdir(path)
    if len(names) == 1 and os.path.isfile(os.path.join(path, names[0])):
        return os.path.join(path, names[0])
    raise SnapshotError(f"{path} is a folder with {len(names)} entries, not with one snapshot in it", _WRITE_ONE)


def opened(path: str) -> BinaryIO:
    """A plain file, opened to be read; SnapshotError for anything else, OSError where it cannot be opened."""
    # Without O_NONBLOCK a named pipe would wait for a writer for ever.
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise SnapshotError(f"{path} is not a file", _WRITE_ONE)
    return file


def _unpacked(path: str, file: BinaryIO) -> bytearray:
    unpacker = zlib.decompressobj(wbits=_GZIP_WINDOW)
    content = bytearray()
    while not unpacker.eof and (piece := file.read(_PIECE)):
        content += unpacker.decompress(piece, _MOST_BYTES + 1 - len(content))
        if len(content) > _MOST_BYTES:
            raise SnapshotError(f"{path} unpacks to more than {_MOST_BYTES >> 20} MiB: it is no snapshot", _WRITE_ONE)
    if not unpacker.eof:
        raise SnapshotError(f"{path} ends in the middle", "it was cut short on the way: copy it again")
    if unpacker.unused_data or file.read(1):
        raise SnapshotError(f"{path} goes on after its end: it is damaged", "copy it again")
    return content


class _Header(msgspec.Struct):
    format: str = ""
    version: int = 0


def _decode(path: str, content: bytearray) -> Snapshot:
    try:
        header = msgspec.json.decode(content, type=_Header)
        if header.format != FORMAT:
            raise SnapshotError(f"{path} is not a pxedoctor snapshot", _WRITE_ONE)
        if header.version != VERSION:
            raise SnapshotError(
                f"{path} is a snapshot of version {header.version}; this pxedoctor reads version {VERSION}",
                "use the pxedoctor that wrote it, or take the snapshot again",
            )
        return msgspec.json.decode(content, type=Snapshot)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SnapshotError(f"{path} cannot be understood: {error}", _WRITE_ONE) from error
