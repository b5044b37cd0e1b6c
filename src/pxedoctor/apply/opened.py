"""Opens a file or folder to change what is about it (its mode, its label), and never through a link."""

import contextlib
import os
import stat
from collections.abc import Iterator

from pxedoctor.apply.error import NotGrantedError


@contextlib.contextmanager
def opened(path: str, what: str) -> Iterator[int]:
    """A handle; NotGrantedError where `path` is or leads through a link, is neither file nor folder, or is refused.

    `what`: what is to be changed, in one word for the error.
    """
    straight(path)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise NotGrantedError(f"{path} cannot be opened: {error.strerror}") from error
    try:
        kind = os.fstat(handle).st_mode
        if not stat.S_ISDIR(kind) and not stat.S_ISREG(kind):
            raise NotGrantedError(f"{path} is neither a file nor a folder, and is left alone")
        yield handle
    except OSError as error:
        raise NotGrantedError(f"the {what} of {path} cannot be set: {error.strerror}") from error
    finally:
        os.close(handle)


def straight(path: str) -> None:
    """NotGrantedError where `path` is or leads through a link."""
    real = os.path.realpath(path)
    if real != path:
        raise NotGrantedError(f"{path} leads to {real} by a link, and links are not followed")


def with_one_name(handle: int, path: str) -> None:
    """NotGrantedError for a file that has another name (hard link): whose file that is, nobody said."""
    about = os.fstat(handle)
    if not stat.S_ISDIR(about.st_mode) and about.st_nlink != 1:
        raise NotGrantedError(f"{path} is no plain file with one name, and is left alone")
