"""What a file under lab/faults offers: cases, each a fault or a decoy, with how to make and unmake it."""

from collections.abc import Callable
from typing import Literal

import msgspec

from pxedoctor.lab.site import Site

Ground = Literal["namespace", "machine"]


class Breaks(msgspec.Struct, frozen=True):
    """The guest really fails, and this cause is named first."""

    cause: str


class Passes(msgspec.Struct, frozen=True):
    """It looks wrong and is fine: the guest succeeds, and nothing is found broken."""


class Attempt(msgspec.Struct, frozen=True):
    """One try of a guest to get what it wants, and its own words about it."""

    ok: bool
    said: str


def _do_nothing(_: Site) -> None:
    return None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """`story`: one sentence of what is wrong and which incident it imitates.

    `build` makes the healthy site, `inject` breaks it, `heal` mends it by hand (not with pxedoctor's plan),
    `attempt` is a guest's try. `words` go to `diagnose` and `fix`; `allow_risky` where the only plan is RISKY.
    `also`: risks that may be reported beside it. `mended`: False where pxedoctor has no repair that it carries out
    itself. `risk`: with other machines around it the same host works, so it is named as a risk, and exit status 0.
    `firmware`: its guest is a real one: a minute, where a light one takes seconds. `lacks`: what the kernel
    under a site may lack, for a case whose ground is a whole machine, and `release` which one. `probe`: only a
    probe sees its cause, so `diagnose` and `fix` run with --probe; `fetch`: and with --fetch.
    """

    name: str
    expect: Breaks | Passes
    story: str
    build: Callable[[Site], None]
    attempt: Callable[[Site], Attempt]
    inject: Callable[[Site], None] = _do_nothing
    heal: Callable[[Site], None] = _do_nothing
    words: tuple[str, ...] = ()
    allow_risky: bool = False
    also: tuple[str, ...] = ()
    mended: bool = True
    risk: bool = False
    ground: Ground = "namespace"
    lacks: str = ""
    release: str = "bookworm"
    firmware: bool = False
    probe: bool = False
    fetch: bool = False

    def __post_init__(self) -> None:
        if (self.ground == "machine") is not bool(self.lacks):
            raise ValueError(f"{self.name}: a case for a whole machine says what a site lacks, and no other does")
        if self.fetch and not self.probe:
            raise ValueError(f"{self.name}: only a probe fetches")

    @property
    def asked_with(self) -> tuple[str, ...]:
        """The words for `diagnose` and `fix`; `words` alone are those that also fit a snapshot."""
        return (*self.words, *(("--probe",) if self.probe else ()), *(("--fetch",) if self.fetch else ()))
