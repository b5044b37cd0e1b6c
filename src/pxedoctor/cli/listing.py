"""What `pxedoctor list` prints."""

from pxedoctor.cli.naming import causes
from pxedoctor.cli.output import echo, say, style_of_stdout
from pxedoctor.report.causes import causes_document, render_causes


def run(_: tuple[str, ...], flags: frozenset[str]) -> None:
    told(as_json="--json" in flags)


def told(as_json: bool) -> None:
    if as_json:
        from pxedoctor.report import json

        echo(json.encode(causes_document(causes())))
    else:
        say(render_causes(causes(), style_of_stdout()))
