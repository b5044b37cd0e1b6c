"""pxedoctor diagnose: where the packet dies, and why. Changes nothing unless it is told to probe or to wake."""

import click

from pxedoctor.cli.anonymizing import anonymizing
from pxedoctor.cli.connecting import connection_of
from pxedoctor.cli.diagnosing import Wish, diagnosed
from pxedoctor.cli.output import fail, progress_on_terminal
from pxedoctor.cli.page import with_page
from pxedoctor.cli.probing_options import probing, probing_of
from pxedoctor.cli.selecting import selecting, selection_of


@click.command("diagnose")
@selecting
@click.option(
    "--from", "source", metavar="PATH", help="Diagnose the host in this snapshot or sosreport, not this machine."
)
@probing
@click.option("--trace", is_flag=True, help="With --probe: watch its packets, hop by hop, to prove where they die.")
@click.option(
    "--connect",
    "uri",
    metavar="URI",
    help="The libvirt of this machine whose guests are meant, as virsh -c; qemu:///system unless it is given.",
)
@click.option(
    "--wake",
    is_flag=True,
    help="Wake a libvirt that sleeps behind its socket, once all is read. This changes the host: a daemon that starts "
    "writes its firewall rules and starts its networks.",
)
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
    uri: str | None,
    wake: bool,
    as_json: bool,
    verbose: bool,
) -> None:
    """Say where the packets of GUEST (or of every guest) die, and why. Changes nothing without --probe or --wake."""
    selection = selection_of(guests, network, bridge, everything, client, as_json)
    progress = progress_on_terminal()
    wanted = probing_of(probe, fetch, quick, progress, as_json)
    _require_sense(source is not None, wanted is not None, trace, wake, as_json)
    there = connection_of(uri, source is not None, as_json)
    diagnosed(Wish(selection, source, wanted, trace, page, anonymize, as_json, verbose, wake, there), progress)


def _require_sense(saved: bool, probe: bool, trace: bool, wake: bool, as_json: bool) -> None:
    if probe and saved:
        fail("--probe asks this machine's bridges, and --from is about a saved one", "leave one of them out", as_json)
    if wake and saved:
        fail("--wake wakes this machine's libvirt, and --from is about a saved one", "leave one of them out", as_json)
    if trace and not probe:
        fail("--trace watches what --probe sends: give --probe, too", "or: pxedoctor trace GUEST", as_json)
