"""The options of a deadline: a repair that is taken back by itself unless it is kept."""

import datetime
import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec

from pxedoctor.apply.deadline import SECONDS
from pxedoctor.apply.own_session import crosses_own_session
from pxedoctor.care.treat import Surgery
from pxedoctor.cli.number import Whole
from pxedoctor.cli.output import fail, help_of_verb
from pxedoctor.plans.plan import NoPlan, Plan

F = TypeVar("F", bound=Callable[..., Any])

_LONGEST = 24 * 60 * 60
_NEVER = 0


class _Seconds(Whole):
    name = "whole number of seconds"


def reverting(command: F) -> F:
    """Gives a command `revert_after`: seconds, 0 for never, None where the person said nothing."""
    after = click.option(
        "--revert-after",
        type=_Seconds(_NEVER, _LONGEST),
        metavar="SECONDS",
        help=f"Take it back by itself unless `pxedoctor keep` is typed; {SECONDS} where your own ssh crosses it.",
    )
    never = click.option("--no-revert", is_flag=True, help="Never do that (as 0).")

    @functools.wraps(command)
    def with_one_wish(revert_after: int | None, no_revert: bool, as_json: bool, **words: Any) -> Any:
        if no_revert and revert_after:
            fail("--revert-after or --no-revert: one of them", help_of_verb(), as_json)
        return command(revert_after=_NEVER if no_revert else revert_after, as_json=as_json, **words)

    return after(never(with_one_wish))  # type: ignore[return-value]


def with_deadline(surgery: Surgery, plan: Plan | NoPlan, wish: int | None) -> Surgery:
    seconds = wish
    if seconds is None:
        commands = () if isinstance(plan, NoPlan) else tuple(step.argv() for step in plan.steps)
        seconds = SECONDS if crosses_own_session(commands) else _NEVER
    if seconds == _NEVER:
        return surgery
    when = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    return msgspec.structs.replace(surgery, revert_after=seconds, keep_by=when.strftime("%Y-%m-%dT%H:%M:%SZ"))
