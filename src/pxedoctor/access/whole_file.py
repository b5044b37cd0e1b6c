"""Writes a file whole or not at all, readable by its owner only, and never through a link, a device or a folder."""

import contextlib
import os
import stat
from collections.abc import Iterator
from typing import BinaryIO


class NotAFileError(OSError):
    """There is something at the path that is no plain file."""


def write_whole(path: str, content: bytes) -> None:
    """Raises NotAFileError where something else than a file stands there, OSError where it cannot be written."""
    with contextlib.suppress(FileNotFoundError):
        kind = os.lstat(path).st_mode
        if not stat.S_ISREG(kind):
            what = "a link" if stat.S_ISLNK(kind) else "not a file"
            raise NotAFileError(0, f"it is there already and is {what}")
    with _fresh(path) as (file, fresh):
        file.write(content)
        file.close()
        os.replace(fresh, path)


@contextlib.contextmanager
def _fresh(path: str) -> Iterator[tuple[BinaryIO, str]]:
    """A new file beside `path` that is gone at the end, unless it was put in the place of `path`."""
    fresh = f"{path}.{os.getpid()}.new"
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with open(handle, "wb") as file:
            yield file, fresh
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(fresh)
