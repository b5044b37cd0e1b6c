"""Looks, at the moment of acting, whether the host is still as it was when the plan was made."""

from pathlib import Path

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.plans.request import Reading


def still_to_do(readings: tuple[Reading, ...]) -> bool:
    """False where all of it is done already; NotGrantedError where the world has moved, with what is there now."""
    if not readings:
        return True
    left = [reading for reading in readings if not reading.done or now_in(reading) != reading.done]
    for reading in left:
        now = now_in(reading)
        if now != reading.text:
            raise NotGrantedError(
                f"{reading.path} holds {now!r} now, not {reading.text!r}: somebody changed it since it was looked at"
            )
    return bool(left)


def now_in(reading: Reading) -> str:
    """What the file holds; NotGrantedError where it cannot be read any more."""
    try:
        return Path(reading.path).read_text(errors="backslashreplace").strip()
    except OSError as error:
        raise NotGrantedError(f"{reading.path} cannot be read any more: {error.strerror}") from error
