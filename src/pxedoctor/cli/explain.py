"""pxedoctor explain: what a cause is, why the guest fails of it, what one sees, and how it is repaired."""

import re

import click

from pxedoctor.checks import CHECKS
from pxedoctor.cli.naming import check_named, nearest
from pxedoctor.cli.output import fail, say, style_of_stdout
from pxedoctor.report import json
from pxedoctor.report.causes import explanation_document
from pxedoctor.report.explanation import render_explanation

# What firmware prints when it gives up: PXE-E51, and iPXE's error numbers, alone or as a link.
_FIRMWARE_WORD = re.compile(r"(?:.*ipxe\.org/)?([0-9a-f]{6,8})|(pxe-[a-z]\d+)", re.IGNORECASE)


@click.command("explain")
@click.argument("what", metavar="NAME|CODE")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(what: str, as_json: bool) -> None:
    """Explain one cause, by its name or its code."""
    check = check_named(what)
    if check is None:
        _not_named(what, as_json)
    elif as_json:
        click.echo(json.encode(explanation_document(check)))
    else:
        say(render_explanation(check, style_of_stdout()))


def _not_named(what: str, as_json: bool) -> None:
    firmware = _FIRMWARE_WORD.fullmatch(what.strip())
    if firmware is not None:
        word = firmware.group(1) or firmware.group(2)
        seen = [c.META.name for c in CHECKS if re.search(rf"\b{re.escape(word)}\b", c.__doc__ or "", re.IGNORECASE)]
        known = f"causes whose description mentions it: {', '.join(seen)}" if seen else "see: pxedoctor list"
        fail(f"explain knows causes by name or code; it does not explain firmware's {word} yet", known, as_json)
    if " " in what.strip() or "/" in what:
        fail("explain knows causes by name or code; it does not read log lines or links yet", "pxedoctor list", as_json)
    fail(f"there is no cause {what!r}", nearest(what), as_json)
