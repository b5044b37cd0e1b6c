"""One rule of nft's JSON to its parts. Never raises: what is not understood is kept as JSON.

`Rule.text` is no line of any listing but what nft's text would say, in its words, as far as there are words for it.
"""

from collections.abc import Mapping
from functools import partial

import msgspec

from pxedoctor.netfilter.condition import Unmodelled
from pxedoctor.netfilter.nft_json_statement import statement_words
from pxedoctor.netfilter.nft_json_words import single, string
from pxedoctor.netfilter.nft_reading import Reading
from pxedoctor.netfilter.nft_rule import believed, read_rule, read_statement
from pxedoctor.netfilter.nft_words import NotUnderstoodError, Words, spaced
from pxedoctor.netfilter.syntax import Rule, RuleReader, Strange


class Statement(msgspec.Struct, frozen=True):
    """Its words, or its JSON as the only one. `kind`: what JSON calls it."""

    kind: str
    words: tuple[str, ...]
    understood: bool


def json_reader_of(family: str) -> RuleReader:
    """Reads the rules of a table of this family; a rule that is no JSON, as text."""
    return partial(read_json_rule, family)


def read_json_rule(family: str, chain: str, line: int, written: str) -> Rule:
    """`written`: the object that stands in {"rule": ...}."""
    try:
        found: object = msgspec.json.decode(written)
    except (msgspec.DecodeError, RecursionError):
        found = None
    if not isinstance(found, Mapping):
        return read_rule(family, chain, line, written)
    entries = found.get("expr")
    statements = [_statement(entry, family) for entry in entries] if isinstance(entries, list) else []
    words = [word for statement in statements for word in statement.words]
    text = spaced(words)
    comment, handle = string(found, "comment"), found.get("handle")
    return Rule(
        chain=chain,
        line=line,
        text=text + (f' comment "{comment}"' if comment else ""),
        handle=handle if isinstance(handle, int) else None,
        parts=believed(tuple(_read(statements, words, family).parts), text),
        comment=comment,
    )


def _statement(entry: object, family: str) -> Statement:
    kind = ""
    try:
        kind, inside = single(entry)
        return Statement(kind, tuple(statement_words(kind, inside, family)), understood=True)
    except (NotUnderstoodError, RecursionError):
        return Statement(kind, (msgspec.json.encode(entry).decode(),), understood=False)


def _read(statements: list[Statement], words: list[str], family: str) -> Reading:
    """JSON says where each statement ends: one that is not understood does not hide the next."""
    reading = Reading(Words(words), family)
    for statement in statements:
        reading.start = reading.words.at
        end, before = reading.start + len(statement.words), len(reading.parts)
        try:
            if not statement.understood:
                raise NotUnderstoodError(statement.kind)
            read_statement(reading)
            if reading.words.at != end:
                raise NotUnderstoodError(statement.kind)
        except NotUnderstoodError:
            del reading.parts[before:]
            reading.words.at = end
            reading.parts.append(_opaque(reading, statement.kind))
    return reading


def _opaque(reading: Reading, kind: str) -> Unmodelled | Strange:
    """Only of a comparison is it certain that it does nothing; of an xt extension without a name, by its place."""
    looks = kind == "match" or (kind == "xt" and reading.will_be_counted and not reading.is_counted)
    return Unmodelled(reading.text) if looks else Strange(reading.text)
