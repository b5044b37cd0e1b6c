"""What a dialogue tells is bounded, whatever a server sends."""

from typing import TypeVar

import msgspec

from pxedoctor.dialogue.wish import Notice

_MOST_NOTICES = 40


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that counts what it has told."""

    notices: int = 0


T = TypeVar("T", bound=Noted)


def noticing(now: T, told: tuple[Notice, ...]) -> tuple[T, tuple[Notice, ...]]:
    """What may still be told, counted."""
    room = told[: max(0, _MOST_NOTICES - now.notices)]
    return msgspec.structs.replace(now, notices=now.notices + len(room)), room
