"""The options of `diagnose` and `fix` that make them ask with packets, too."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pxedoctor.cli.output import fail, help_of_verb
from pxedoctor.report.harmless import shown

if TYPE_CHECKING:
    from pxedoctor.care.probing import Probing
    from pxedoctor.collect.gather import Progress
    from pxedoctor.model.observation import Happening

# Of a line that the next one overwrites.
_LONGEST = 50

F = TypeVar("F", bound=Callable[..., Any])


def probing(command: F) -> F:
    """Adds --probe, --fetch and --quick to a command."""
    for decorate in (
        click.option("--quick", is_flag=True, help="With --probe: be content with the first answer."),
        click.option("--fetch", is_flag=True, help="With --probe: also take a lease, fetch the boot file, release it."),
        click.option("--probe", is_flag=True, help="Also ask with packets, in each guest's name, as its client asks."),
    ):
        command = decorate(command)
    return command


def probing_of(probe: bool, fetch: bool, quick: bool, progress: "Progress", as_json: bool) -> "Probing | None":
    """What these words mean; ends the program where they contradict each other. `progress` hears what it waits for."""
    if not probe:
        if fetch or quick:
            fail("--fetch and --quick say how to probe: give --probe, too", help_of_verb(), as_json)
        return None
    from pxedoctor.care.probing import Probing

    def tell(happening: "Happening") -> None:
        progress(f"what a probe gets: {shown(happening.detail)[:_LONGEST]}")

    return Probing(fetch=fetch, quick=quick, tell=tell)
