"""pxedoctor lab: break sandboxed hosts on purpose, and see whether the doctor is right."""

import sys

import click
import msgspec

from pxedoctor.cli.output import fail


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


@command.command("run")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everything", is_flag=True, help="Every fault and every decoy.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def run_cases(names: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Run cases by name, or all of them, each on a sandboxed host of its own."""
    from pxedoctor.lab.case import Breaks
    from pxedoctor.lab.catalogue import cases
    from pxedoctor.lab.runner import DecoyResult, FaultResult, run_decoy, run_fault

    known = {case.name: case for case in cases()}
    unknown = [name for name in names if name not in known]
    if unknown or (not names and not everything):
        fail(f"no such case: {', '.join(unknown) or '(none named)'}", "see: pxedoctor lab list", as_json)
    faults: list[FaultResult] = []
    decoys: list[DecoyResult] = []
    for name in known if everything else names:
        case = known[name]

        def tell(what: str, name: str = name) -> None:
            click.echo(f"{name}: {what}", err=True)

        if isinstance(case.expect, Breaks):
            faults.append(run_fault(case, tell))
        else:
            decoys.append(run_decoy(case, tell))
    if as_json:
        click.echo(msgspec.json.encode({"faults": faults, "decoys": decoys}).decode())
    else:
        results: list[FaultResult | DecoyResult] = [*faults, *decoys]
        for result in results:
            click.echo(f"{'ok    ' if result.ok else 'FAILED'} {result.name}  {result.seconds} s")
            for line in result.why_not:
                click.echo(f"       {line}")
    sys.exit(0 if all(fault.ok for fault in faults) and all(decoy.ok for decoy in decoys) else 1)
