"""The texts that a report rests on, as far as a page has room for them."""

from collections.abc import Mapping

import msgspec

from pxedoctor.verdict.report import Report

# Of one text, and of all of them together. What is left out is named; a snapshot has it whole.
_MOST_OF_ONE = 64 * 1024
_MOST = 2 * 1024 * 1024


class RawText(msgspec.Struct, frozen=True, kw_only=True):
    question: str
    text: str
    cut: str


def raw_texts(texts: Mapping[str, str], report: Report) -> tuple[RawText, ...]:
    """The texts that the evidence was read from first; then the others, as long as there is room."""
    origins = {entry.origin.split(", ")[0] for f in report.findings for entry in f.finding.broken.evidence}
    first = [question for question in texts if any(origin and origin in question for origin in origins)]
    left = _MOST
    shown: list[RawText] = []
    for question in dict.fromkeys((*first, *texts)):
        text = texts[question]
        room = min(_MOST_OF_ONE, max(left, 0))
        kept = text[:room]
        left -= len(kept)
        cut = (
            f"{len(text) - len(kept)} more characters are left out; a snapshot holds all of it"
            if len(kept) < len(text)
            else ""
        )
        shown.append(RawText(question=question, text=kept, cut=cut))
    return tuple(shown)
