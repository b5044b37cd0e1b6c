"""pxedoctor lab: break sandboxed hosts on purpose, and see whether the doctor is right."""

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from pxedoctor.cli.output import fail, style_of_stdout

if TYPE_CHECKING:
    from pxedoctor.lab.case import Case
    from pxedoctor.lab.runner import DecoyResult, FaultResult

_beside_guests = click.option("--i-know", "beside_guests", is_flag=True, help="Also on a machine on which guests run.")


@click.group("lab")
def command() -> None:
    """Break sandboxed hosts on purpose, and see whether the doctor is right."""


@command.command("list")
def list_cases() -> None:
    """List the faults and decoys."""
    from pxedoctor.lab.case import Breaks
    from pxedoctor.lab.catalogue import cases

    for case in cases():
        kind = "fault" if isinstance(case.expect, Breaks) else "decoy"
        click.echo(f"{case.name:<40} {kind}  {case.story}")


@command.command("run", short_help="Run cases by name, or all of them.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everything", is_flag=True, help="Every fault and every decoy.")
@_beside_guests
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def run_cases(names: tuple[str, ...], everything: bool, beside_guests: bool, as_json: bool) -> None:
    """Run cases by name, or all of them, each on a sandboxed host of its own, or in a whole machine."""
    import msgspec

    from pxedoctor.lab.case import Breaks
    from pxedoctor.lab.runner import run_decoy, run_fault

    chosen = _chosen(names, everything, as_json)
    faults: list[FaultResult] = []
    decoys: list[DecoyResult] = []
    with _ground(beside_guests, as_json):
        for case in chosen:

            def tell(what: str, name: str = case.name) -> None:
                click.echo(f"{name}: {what}", err=True)

            if isinstance(case.expect, Breaks):
                faults.append(run_fault(case, tell))
            else:
                decoys.append(run_decoy(case, tell))
    if as_json:
        click.echo(msgspec.json.encode({"faults": faults, "decoys": decoys}).decode())
    else:
        _print([*faults, *decoys])
    results: list[FaultResult | DecoyResult] = [*faults, *decoys]
    sys.exit(0 if all(result.ok for result in results) else 1)


@command.command("demo", short_help="Break, find, repair and undo the founding causes.")
@_beside_guests
def demo(beside_guests: bool) -> None:
    """Break, find, repair and undo the founding causes before your eyes: about three minutes."""
    from pxedoctor.lab.demo import perform
    from pxedoctor.lab.voice import Voice

    with _ground(beside_guests, as_json=False):
        healed = perform(Voice(style_of_stdout()))
    sys.exit(0 if healed else 1)


@contextlib.contextmanager
def _ground(beside_guests: bool, as_json: bool) -> Iterator[None]:
    """Ends the program with exit status 2 where this machine cannot, or must not, carry a site."""
    from pxedoctor.lab.ground.error import GroundError
    from pxedoctor.lab.ground.guests import refuse_beside_guests
    from pxedoctor.lab.ground.namespace import require_means

    try:
        require_means()
        if not beside_guests:
            refuse_beside_guests()
        yield
    except GroundError as error:
        fail(error.message, error.would_help, as_json)


def _chosen(names: tuple[str, ...], everything: bool, as_json: bool) -> "tuple[Case, ...]":
    from pxedoctor.lab.catalogue import cases

    known = {case.name: case for case in cases()}
    if not names and not everything:
        fail("name the cases to run, or --all", "see: pxedoctor lab list", as_json)
    if unknown := [name for name in names if name not in known]:
        fail(f"no such case: {', '.join(unknown)}", "see: pxedoctor lab list", as_json)
    return tuple(known.values()) if everything else tuple(known[name] for name in names)


def _print(results: "list[FaultResult | DecoyResult]") -> None:
    for result in results:
        word = "ok    " if result.ok else "FAILED"
        certainty = getattr(result, "certainty", "")
        click.echo(f"{word} {result.name}  {result.seconds} s{f'  {certainty}' if certainty else ''}")
        for line in result.why_not:
            click.echo(f"        {line}")
