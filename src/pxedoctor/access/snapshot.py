"""A host in one file: every text that was asked for, where it came from, and when. Compressed JSON, versioned.

1. `write` makes the file whole or not at all, readable by its owner only.
2. `read` gives a Snapshot, or a SnapshotError that says what is wrong with the file and what would help. The file may come
   from a stranger: its size in memory is bounded, and nothing in it is ever used as a path on this machine.
"""

import os
import zlib
from pathlib import Path

import msgspec

from pxedoctor.access.answer import Answer

FORMAT = "pxedoctor-snapshot"
VERSION = 1
# A host with 200 guests gives 3 MB; 100,000 iptables rules another 10 MB.
_MOST_BYTES = 256 * 1024 * 1024
_PIECE = 1024 * 1024
_GZIP_WINDOW = 31


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    format: str
    version: int
    tool: str
    taken_at: str
    answers: dict[str, Answer]


class SnapshotError(Exception):
    """A snapshot could not be written or understood."""

    def __init__(self, message: str, would_help: str) -> None:
        super().__init__(message)
        self.message = message
        self.would_help = would_help


def write(path: str, snapshot: Snapshot) -> None:
    packer = zlib.compressobj(wbits=_GZIP_WINDOW)
    content = packer.compress(msgspec.json.encode(snapshot)) + packer.flush()
    fresh = f"{path}.{os.getpid()}.new"
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
            file.write(content)
        os.replace(fresh, path)
    except OSError as error:
        Path(fresh).unlink(missing_ok=True)
        raise SnapshotError(f"{path} cannot be written: {error.strerror}", "choose another -o FILE") from error


def read(path: str) -> Snapshot:
    try:
        if not Path(path).is_file():
            raise SnapshotError(f"{path} is not a file", "give a file that `pxedoctor snapshot -o FILE` wrote")
        with open(path, "rb") as file:
            unpacker = zlib.decompressobj(wbits=_GZIP_WINDOW)
            content = bytearray()
            while piece := file.read(_PIECE):
                content += unpacker.decompress(piece, _MOST_BYTES + 1 - len(content))
                if len(content) > _MOST_BYTES:
                    raise SnapshotError(f"{path} unpacks to more than {_MOST_BYTES >> 20} MiB", "it is no snapshot")
    except OSError as error:
        raise SnapshotError(f"{path} cannot be read: {error.strerror}", "check the path and its permissions") from error
    except zlib.error as error:
        raise SnapshotError(f"{path} is not a snapshot, or is damaged: {error}", "take it again") from error
    if not unpacker.eof:
        raise SnapshotError(f"{path} ends in the middle", "it was cut short on the way: copy it again")
    return _decode(path, bytes(content))


class _Header(msgspec.Struct):
    format: str = ""
    version: int = 0


def _decode(path: str, content: bytes) -> Snapshot:
    try:
        header = msgspec.json.decode(content, type=_Header)
        if header.format != FORMAT:
            raise SnapshotError(f"{path} is not a pxedoctor snapshot", "write one with `pxedoctor snapshot -o FILE`")
        if header.version != VERSION:
            raise SnapshotError(
                f"{path} is a snapshot of version {header.version}; this pxedoctor reads version {VERSION}",
                "use the pxedoctor that wrote it, or take the snapshot again",
            )
        return msgspec.json.decode(content, type=Snapshot)
    except (msgspec.DecodeError, RecursionError) as error:
        raise SnapshotError(f"{path} cannot be understood: {error}", "take it again") from error
