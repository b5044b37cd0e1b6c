"""Small words that every parsing half needs: an answer's text, or the Missing that says why there is none."""

import json

import msgspec

from pxedoctor.access.answer import Absent, Answer, Answers, Failed, Forbidden, Text
from pxedoctor.model.fact import Missing

_WOULD_HELP = {"forbidden": "run it as root", "failed": "", "absent": ""}


def text_of(answers: Answers, question: str) -> str | None:
    answer = answers.get(question)
    return answer.text if isinstance(answer, Text) else None


def why_missing(answers: Answers, question: str, would_help: str = "") -> Missing:
    """The Missing for a question that has no Text. An unasked question counts as failed."""
    answer: Answer = answers.get(question, Failed(f"not asked: {question}"))
    match answer:
        case Absent(why):
            return Missing("absent", why, would_help)
        case Forbidden(why):
            return Missing("forbidden", why, "run it as root")
        case Failed(why):
            return Missing("failed", why, would_help)
        case Text():
            return Missing("empty", f"nothing usable in: {question}", would_help)


def json_of(answers: Answers, question: str) -> object | Missing:
    """The JSON a question was answered with; iproute2 prints nothing at all for an empty list."""
    text = text_of(answers, question)
    if text is None:
        return why_missing(answers, question)
    if not text.strip():
        return []
    try:
        value: object = _decoded(text)
    except (ValueError, RecursionError) as error:
        return Missing("failed", f"not JSON: {question}: {error}")
    return value


def _decoded(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        # Not strict: `ip -j` prints a control character in a device's name as it is.
        return json.loads(text, strict=False)


def records(value: object) -> tuple[dict[str, object], ...]:
    """The dictionaries of a JSON list; anything else in it is passed over."""
    return tuple(entry for entry in value if isinstance(entry, dict)) if isinstance(value, list) else ()


def number(value: object, default: int = 0) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def word(value: object, default: str = "") -> str:
    return value if isinstance(value, str) else default
