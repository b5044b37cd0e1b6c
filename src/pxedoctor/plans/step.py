"""The contract of a step, and what simulating or undoing one can answer."""

from typing import TYPE_CHECKING, Protocol

import msgspec

from pxedoctor.plans.request import Request
from pxedoctor.plans.safety import Safety

if TYPE_CHECKING:
    from pxedoctor.model.host import Host


class Assumed(msgspec.Struct, frozen=True):
    """The step cannot be tried on the model (another program writes the result): what should hold afterwards."""

    postcondition: str


class Nothing(msgspec.Struct, frozen=True, tag="nothing"):
    """There is no inverse, and why."""

    reason: str


class Step(Protocol):
    """A frozen value. All methods are pure; `undo` is computed from the host as it is before anything is touched."""

    @property
    def safety(self) -> Safety: ...

    @property
    def may_lose(self) -> str:
        """What may be lost, in one sentence; empty where the step is SAFE."""
        ...

    def describe(self) -> str: ...

    def argv(self) -> tuple[str, ...]:
        """The command a person could type."""
        ...

    def simulate(self, host: "Host") -> "Host | Assumed": ...

    def undo(self, host: "Host") -> "Undo": ...

    def request(self) -> Request: ...


class Inverse(msgspec.Struct, frozen=True, tag="inverse"):
    """How to take one step back: the request, its words, and the device that must still be unused, if any.

    `leaves`: what may stay behind all the same, decides about nothing, and how it goes; "" for nothing.
    """

    describe: str
    argv: tuple[str, ...]
    request: Request
    only_if_no_ports: str = ""
    leaves: str = ""


Undo = Inverse | Nothing
