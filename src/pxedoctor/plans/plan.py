"""A plan: the ordered steps that cure one finding, and the reason where there is none."""

from typing import TYPE_CHECKING

import msgspec

from pxedoctor.plans.safety import Safety
from pxedoctor.plans.show_only import ShowOnly
from pxedoctor.plans.step import Assumed, Step

if TYPE_CHECKING:
    from pxedoctor.model.host import Host


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`pending`: what a person must still do before the cure holds (e.g. a full shutdown and start of the guest).

    `other_ways`: what else would help, and why it is not the first choice. `shown`: what manuals say instead, and what
    it would cost; never done.
    """

    steps: tuple[Step, ...]
    pending: str = ""
    other_ways: tuple[str, ...] = ()
    shown: tuple[ShowOnly, ...] = ()

    def __post_init__(self) -> None:
        if not self.steps:
            raise ValueError("a plan without steps; use NoPlan with the reason")

    @property
    def safety(self) -> Safety:
        return max(step.safety for step in self.steps)

    @property
    def may_lose(self) -> str:
        return " ".join(dict.fromkeys(step.may_lose for step in self.steps if step.may_lose))


class NoPlan(msgspec.Struct, frozen=True):
    """There is no repair pxedoctor would sign, and why; `instead` is what a person can do, `shown` as a plan's."""

    because: str
    instead: tuple[str, ...] = ()
    shown: tuple[ShowOnly, ...] = ()


def simulate(plan: Plan, host: "Host") -> "tuple[Host, tuple[str, ...]]":
    """The host after the plan, and the postconditions that had to be assumed on the way."""
    assumed: list[str] = []
    for step in plan.steps:
        result = step.simulate(host)
        if isinstance(result, Assumed):
            assumed.append(result.postcondition)
        else:
            host = result
    return host, tuple(assumed)
