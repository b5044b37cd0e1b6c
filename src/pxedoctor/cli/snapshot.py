"""pxedoctor snapshot: everything a diagnosis needs, in one file."""

import click

from pxedoctor import __version__
from pxedoctor.access.live import LiveHost
from pxedoctor.access.snapshot import FORMAT, VERSION, Snapshot, SnapshotError, write
from pxedoctor.cli.anonymizing import anonymizing, key_of_this_machine
from pxedoctor.cli.output import fail, now, progress_on_terminal
from pxedoctor.collect.gather import gather
from pxedoctor.collect.registry import COLLECTORS


@click.command("snapshot")
@click.option("-o", "--output", "path", required=True, metavar="FILE", help="Where to write it.")
@anonymizing
def command(path: str, anonymize: bool) -> None:
    """Write all texts of this host that a diagnosis reads into FILE, for `diagnose --from FILE` on any machine."""
    if path == "-":
        fail("a snapshot is written into a file, and - would be its name", "-o host.snapshot", as_json=False)
    everything = frozenset(collector.name for collector in COLLECTORS)
    taken_at = now()
    gathered = gather(LiveHost(), everything, progress_on_terminal())
    answers = gathered.answers
    if anonymize:
        from pxedoctor.care.anonymous import anonymous_answers

        answers = anonymous_answers(gathered, key_of_this_machine())
    tool = f"pxedoctor {__version__}"
    snapshot = Snapshot(format=FORMAT, version=VERSION, tool=tool, taken_at=taken_at, answers=answers)
    try:
        write(path, snapshot)
    except SnapshotError as error:
        fail(error.message, error.would_help, as_json=False)
    refused = [
        f"{source.name}: {source.why}" for source in gathered.sources if source.status in {"failed", "forbidden"}
    ]
    click.echo(
        f"{path}: {len(gathered.answers)} texts, passwords removed{', names changed' if anonymize else ''}", err=True
    )
    for line in refused:
        click.echo(f"  not in it: {line}", err=True)
