"""What a trace is asked to watch, and to whom it tells what it hears."""

from collections.abc import Callable

import msgspec

from pxedoctor.model.traced import Traced, Witness


class TraceError(Exception):
    """There is nothing to watch, or nobody may: what, and what would help. Nothing is left behind."""

    def __init__(self, message: str, would_help: str) -> None:
        super().__init__(message)
        self.message = message
        self.would_help = would_help


class AbsentError(Exception):
    """One witness cannot be had: why, and what would help. `forbidden`: for want of rights."""

    def __init__(self, why: str, would_help: str, forbidden: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.would_help = would_help
        self.forbidden = forbidden


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """One trace of one bridge for `seconds`. `mac`: whose packets; None: everybody's who asks for a boot.

    `tap`: the guest's port; None where any port may be it. `without`: witnesses that shall not look, and why. `length`:
    of the frames that a probe pads to a length of their own (as on the wire): the kernel leaves out all others. `http`:
    the ports by which the guest may fetch, beside the usual ones.
    """

    target: str
    bridge: str
    seconds: float
    mac: str | None = None
    tap: str | None = None
    without: tuple[Witness, ...] = ()
    length: int | None = None
    http: tuple[int, ...] = ()

    @property
    def lengths(self) -> tuple[int, ...]:
        return () if self.length is None else (self.length,)


# What was heard until now, each time that something was.
Tell = Callable[[Traced], None]
