"""pxedoctor explain: what a cause is, why the guest fails of it, what one sees, and how it is repaired.

Of a finding (CODE:SUBJECT, as --json names it) it looks at the host, and tells which rule decides and whose it is.
"""

import re

import click

from pxedoctor.access.snapshot import SnapshotError
from pxedoctor.checks import CHECKS
from pxedoctor.checks.check import Check
from pxedoctor.cli.naming import check_named, nearest
from pxedoctor.cli.output import fail, progress_on_terminal, say, style_of_stdout
from pxedoctor.cli.source import host_of
from pxedoctor.diagnose.selection import Selection, SelectionError, short
from pxedoctor.report import json
from pxedoctor.report.causes import explanation_document
from pxedoctor.report.explanation import render_explanation

# What looks like a code of some firmware.
_FIRMWARE = r"(?i)pxe-[a-z]\w{1,3}|[0-9a-f]{6,8}"
_CODE = r"[A-Za-z]{2}\d{3}"


@click.command("explain")
@click.argument("words", nargs=-1, required=True, metavar="NAME|CODE|CODE:SUBJECT|WORDS...")
@click.option("--from", "source", metavar="PATH", help="The finding is of the host in this snapshot or sosreport.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(words: tuple[str, ...], source: str | None, as_json: bool) -> None:
    """Explain one cause, by its name or its code, or one finding of a diagnosis, as NF001:default.

    Or WORDS that a firmware or a server said: PXE-E51, ipxe.org/040ee119, or a pasted line of a log.
    """
    what = " ".join(words)
    prefix, colon, subject = what.partition(":")
    check = check_named(what)
    if check is None and subject and (named := check_named(prefix)) is not None:
        _explain_finding(named, subject, source, as_json)
    elif check is None and colon and re.fullmatch(_CODE, prefix):
        fail(f"there is no cause with the code {short(prefix)}", nearest(prefix), as_json)
    elif source is not None:
        fail("--from goes with a finding, as NF001:default: a cause is the same on every host", "", as_json)
    elif check is None:
        _not_named(what, as_json)
    elif as_json:
        click.echo(json.encode(explanation_document(check)))
    else:
        say(render_explanation(check, style_of_stdout()))


def _explain_finding(check: Check, subject: str, source: str | None, as_json: bool) -> None:
    from pxedoctor.care.examine import examine
    from pxedoctor.report.explained import explained_document, render_explained

    try:
        access, collected_at = host_of(source)
        examined = examine(access, Selection(), collected_at, progress_on_terminal())
    except (SelectionError, SnapshotError) as error:
        fail(error.message, error.would_help, as_json)
    report = examined.report
    wanted = f"{check.META.code}:{subject}"
    found = next((entry for entry in report.findings if entry.finding.id == wanted), None)
    if found is None:
        here = ", ".join(dict.fromkeys(short(entry.finding.id).strip("'") for entry in report.findings))
        fail(f"this host has no finding {short(wanted)}", f"its findings: {here or 'none at all'}", as_json)
    if as_json:
        click.echo(json.encode(explained_document(found, check, report, examined.facts)))
    else:
        say(render_explained(found, check, report, style_of_stdout()))


def _not_named(what: str, as_json: bool) -> None:
    from pxedoctor.report.words.explained import render_sayings, sayings_document
    from pxedoctor.report.words.table import understood

    said = understood(what)
    if said and as_json:
        click.echo(json.encode(sayings_document(what, said, CHECKS)))
    elif said:
        say(render_sayings(said, CHECKS, style_of_stdout()))
    elif " " in what.strip() or "/" in what or re.fullmatch(_FIRMWARE, what.strip()):
        fail(f"explain does not know what {short(what)} means", "paste the whole line; causes: pxedoctor list", as_json)
    else:
        fail(f"there is no cause {what!r}", nearest(what), as_json)
