"""Looks, at the moment of acting, whether the host is still as it was when the plan was made."""

import os
from pathlib import Path

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.moved import left_to_do
from pxedoctor.plans.request import DOWN, NO_MASTER, UP, Reading

_IFF_UP = 1


def still_to_do(readings: tuple[Reading, ...]) -> bool:
    """False where all of it is done already; NotGrantedError where the world has moved, with what is there now."""
    left = [
        left_to_do(f"{reading.path} holds", repr(now_in(reading)), repr(reading.text), _done(reading))
        for reading in readings
    ]
    return not readings or any(left)


def _done(reading: Reading) -> str | None:
    return repr(reading.done) if reading.done else None


def now_in(reading: Reading) -> str:
    """What the file holds, in the form that is asked for; NotGrantedError where it cannot be read any more."""
    path = Path(reading.path)
    try:
        match reading.form:
            case "text":
                return path.read_text(errors="backslashreplace").strip()
            case "up":
                # 0x1003 (net/core/net-sysfs.c, flags).
                return UP if int(path.read_text(), 16) & _IFF_UP else DOWN
            case "master":
                return _led_to(path)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise NotGrantedError(f"{reading.path} cannot be read any more: {why}") from error


def _led_to(link: Path) -> str:
    """The device that the kernel's link leads to; there is none where the device of the link has no master."""
    if link.parent.is_dir() and not link.is_symlink():
        return NO_MASTER
    return os.path.basename(os.readlink(link))
