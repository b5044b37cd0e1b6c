"""pxedoctor diagnose: where the packet dies, and why. Changes nothing."""

import sys
from typing import TYPE_CHECKING

import click

from pxedoctor.access.answer import readable
from pxedoctor.access.snapshot import SnapshotError
from pxedoctor.care.begin import begun
from pxedoctor.cli.anonymizing import anonymizing, key_of_this_machine
from pxedoctor.cli.output import fail, progress_on_terminal, say, style_of_stdout
from pxedoctor.cli.page import with_page, write_page
from pxedoctor.cli.probing_options import probing, probing_of
from pxedoctor.cli.selecting import selecting, selection_of
from pxedoctor.cli.source import host_of
from pxedoctor.diagnose.selection import SelectionError

if TYPE_CHECKING:
    from pxedoctor.care.examine import Examined


@click.command("diagnose")
@selecting
@click.option(
    "--from", "source", metavar="PATH", help="Diagnose the host in this snapshot or sosreport, not this machine."
)
@probing
@click.option("--trace", is_flag=True, help="With --probe: watch its packets, hop by hop, to prove where they die.")
@with_page
@anonymizing
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option("--verbose", is_flag=True, help="Also what is fine, unknown, and other ways to repair it.")
def command(
    guests: tuple[str, ...],
    network: str | None,
    bridge: str | None,
    everything: bool,
    client: str | None,
    source: str | None,
    probe: bool,
    fetch: bool,
    quick: bool,
    page: str | None,
    anonymize: bool,
    trace: bool,
    as_json: bool,
    verbose: bool,
) -> None:
    """Say where the packets of GUEST (or of every guest) die, and why. Without --probe it changes nothing."""
    selection = selection_of(guests, network, bridge, everything, client, as_json)
    progress = progress_on_terminal()
    wanted = probing_of(probe, fetch, quick, progress, as_json)
    _require_sense(source is not None, wanted is not None, trace, as_json)
    try:
        access, collected_at = host_of(source)
        asking = begun(access)
        # All that judges and reports is imported while the host's programs run.
        from pxedoctor.care.examine import examine

        examined = examine(asking, selection, collected_at, progress, wanted, trace)
    except (SelectionError, SnapshotError) as error:
        fail(error.message, error.would_help, as_json)
    examined = _hidden(examined) if anonymize else examined
    if page is not None:
        _draw(examined, page, as_json)
    _tell(examined, verbose, as_json)
    sys.exit(examined.report.verdict.exit_code)


def _tell(examined: "Examined", verbose: bool, as_json: bool) -> None:
    report = examined.report
    if as_json:
        from pxedoctor.report import json

        shown = frozenset(entry.target.id for entry in report.targets) if verbose else frozenset[str]()
        click.echo(json.encode(json.diagnosis(report, examined.facts, shown)))
    else:
        from pxedoctor.report import terminal

        say(terminal.render(report, style_of_stdout(verbose)))


def _require_sense(saved: bool, probe: bool, trace: bool, as_json: bool) -> None:
    if probe and saved:
        fail("--probe asks this machine's bridges, and --from is about a saved one", "leave one of them out", as_json)
    if trace and not probe:
        fail("--trace watches what --probe sends: give --probe, too", "or: pxedoctor trace GUEST", as_json)


def _hidden(examined: "Examined") -> "Examined":
    from pxedoctor.care.anonymous import anonymous_examined

    return anonymous_examined(examined, key_of_this_machine())


def _draw(examined: "Examined", page: str, as_json: bool) -> None:
    from pxedoctor.report.html.page import diagnosis_page

    write_page(page, diagnosis_page(examined.report, examined.facts, readable(examined.answers)), as_json)
