"""What `pxedoctor explain` prints."""

import re

from pxedoctor.cli.naming import cause_named, causes, nearest
from pxedoctor.cli.output import echo, fail, progress_on_terminal, say, style_of_stdout
from pxedoctor.report.catalogue import Cause
from pxedoctor.report.causes import explanation_document
from pxedoctor.report.explanation import render_explanation

# What looks like a code of some firmware.
_FIRMWARE = r"(?i)pxe-[a-z]\w{1,3}|[0-9a-f]{6,8}"
_CODE = r"[A-Za-z]{2}\d{3}"


def run(words: tuple[str, ...], flags: frozenset[str]) -> None:
    told(words, None, as_json="--json" in flags)


def told(words: tuple[str, ...], source: str | None, as_json: bool) -> None:
    """`words`: a cause, a finding, or what a program said; `source`: where the finding's host is saved."""
    what = " ".join(words)
    prefix, colon, subject = what.partition(":")
    cause = cause_named(what)
    if cause is None and subject and (named := cause_named(prefix)) is not None:
        _explain_finding(named, subject, source, as_json)
    elif cause is None and colon and re.fullmatch(_CODE, prefix):
        from pxedoctor.diagnose.selection import short

        fail(f"there is no cause with the code {short(prefix)}", nearest(prefix), as_json)
    elif source is not None:
        fail("--from goes with a finding, as NF001:default: a cause is the same on every host", "", as_json)
    elif cause is None:
        _not_named(what, as_json)
    elif as_json:
        from pxedoctor.report import json

        echo(json.encode(explanation_document(cause)))
    else:
        say(render_explanation(cause, style_of_stdout()))


def _explain_finding(cause: Cause, subject: str, source: str | None, as_json: bool) -> None:
    from pxedoctor.access.snapshot import SnapshotError
    from pxedoctor.care.examine import examine
    from pxedoctor.cli.source import host_of
    from pxedoctor.diagnose.selection import Selection, SelectionError, short
    from pxedoctor.report import json
    from pxedoctor.report.explained import explained_document, render_explained

    try:
        access, collected_at = host_of(source)
        examined = examine(access, Selection(), collected_at, progress_on_terminal())
    except (SelectionError, SnapshotError) as error:
        fail(error.message, error.would_help, as_json)
    report = examined.report
    wanted = f"{cause.META.code}:{subject}"
    found = next((entry for entry in report.findings if entry.finding.id == wanted), None)
    if found is None:
        open_ = next((entry for entry in report.unknown if entry.meta.code == cause.META.code), None)
        if open_ is not None:
            fail(f"whether {short(wanted)} holds could not be told: {open_.missing}", open_.would_help, as_json)
        here = ", ".join(dict.fromkeys(short(entry.finding.id).strip("'") for entry in report.findings))
        fail(f"this host has no finding {short(wanted)}", f"its findings: {here or 'none at all'}", as_json)
    if as_json:
        echo(json.encode(explained_document(found, cause, report, examined.facts)))
    else:
        say(render_explained(found, cause, report, style_of_stdout()))


def _not_named(what: str, as_json: bool) -> None:
    from pxedoctor.diagnose.selection import short
    from pxedoctor.report.words.explained import render_sayings, sayings_document
    from pxedoctor.report.words.table import understood

    said = understood(what)
    if said and as_json:
        from pxedoctor.report import json

        echo(json.encode(sayings_document(what, said, causes())))
    elif said:
        say(render_sayings(said, causes(), style_of_stdout()))
    elif " " in what.strip() or "/" in what or re.fullmatch(_FIRMWARE, what.strip()):
        fail(f"explain does not know what {short(what)} means", "paste the whole line; causes: pxedoctor list", as_json)
    else:
        fail(f"there is no cause {what!r}", nearest(what), as_json)
