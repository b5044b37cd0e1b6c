"""When a keeper was here last, and how far the host's rules had come then: one small file, written anew now and then.

A file that cannot be understood is as none.
"""

import os
from pathlib import Path

import msgspec

FILE = Path("/var/lib/pxedoctor/keeper.json")
_BOOT = "/proc/sys/kernel/random/boot_id"


class LastSeen(msgspec.Struct, frozen=True, kw_only=True):
    """`time`: RFC 3339. `boot`: the host's boot, "" where unknown. `generation`: of nf_tables, None where unknown."""

    time: str
    boot: str = ""
    generation: int | None = None


def boot_id() -> str:
    try:
        return Path(_BOOT).read_text(encoding="ascii").strip()
    except OSError:
        return ""


def read(file: Path = FILE) -> LastSeen | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=LastSeen)
    except (OSError, msgspec.DecodeError):
        return None


def write(seen: LastSeen, file: Path = FILE) -> None:
    """Whole or not at all; not flushed to the disk. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as out:
        out.write(msgspec.json.encode(seen))
    fresh.replace(file)
