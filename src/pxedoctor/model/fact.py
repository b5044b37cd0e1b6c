"""What is known, and what is not and why.

A fact is either a value or a `Missing`. Absent, empty, failed, forbidden and asleep are different words: a person does
different things about each.
"""

from typing import Literal, TypeVar

import msgspec

Status = Literal["absent", "empty", "failed", "forbidden", "asleep"]

T = TypeVar("T")


class Missing(msgspec.Struct, frozen=True, tag=True):
    """A fact that could not be had: how it is missing, why, and what a person could do to get it."""

    status: Status
    why: str
    would_help: str = ""


class Unmodelled(msgspec.Struct, frozen=True, kw_only=True):
    """One thing of several that the host has and pxedoctor does not understand: its name, where it was read, and why.

    The others of its kind are known; of this one nothing is, and nobody may take it for absent.
    """

    kind: Literal["bridge", "domain", "network"]
    name: str
    origin: str
    why: str


class MissingFactError(Exception):
    """A check asked for a fact that is not there; the engine turns it into Unknown."""

    def __init__(self, missing: Missing) -> None:
        super().__init__(missing.why)
        self.missing = missing


def known(fact: T | Missing) -> T:
    """The value of a fact, or MissingFactError with the reason."""
    if isinstance(fact, Missing):
        raise MissingFactError(fact)
    return fact
