"""One rule of an nft listing, to its parts. Never raises: what is not understood is kept verbatim.

Where a word is not known, everything from there to the end of the rule is opaque. It is a condition that nobody models
if it begins as an expression does and holds no word that does anything; else something strange. A verdict that the
rule plainly ends with still counts.
"""

import msgspec

from pxedoctor.netfilter.condition import Condition, Unmodelled
from pxedoctor.netfilter.nft_compare import plain_comparison, plain_length, read_comparison, read_operand
from pxedoctor.netfilter.nft_reading import Part, Reading
from pxedoctor.netfilter.nft_selector import LOOKING, begins_selector
from pxedoctor.netfilter.nft_statement import STATEMENTS
from pxedoctor.netfilter.nft_words import (
    HIDDEN,
    NotUnderstoodError,
    Words,
    rule_words,
    spaced,
    without_comment,
    without_handle,
)
from pxedoctor.netfilter.nft_write import read_write
from pxedoctor.netfilter.nft_xt import veiled
from pxedoctor.netfilter.syntax import Rule, Strange

_VERDICTS = frozenset({"accept", "drop", "return", "continue"})
# Words that an expression never holds: with one of them, something may be done.
_DOING = (STATEMENTS.keys() - {"limit", "quota", "last", "counter", "log", "ct count"}) | {"map", "set", "vmap"}


def read_veiled_rule(family: str, chain: str, line: int, written: str) -> Rule:
    """As `read_rule`; a rule of iptables-nft may have more to say than is printed."""
    rule = read_rule(family, chain, line, written)
    return msgspec.structs.replace(rule, parts=veiled(rule.parts))


def read_rule(family: str, chain: str, line: int, written: str) -> Rule:
    """`written`: the rule's line without its indent; a handle and a comment may stand at its end."""
    text, handle = without_handle(written)
    body, comment = without_comment(text)
    return Rule(chain=chain, line=line, text=text.strip(), handle=handle, parts=_parts(body, family), comment=comment)


def _parts(body: str, family: str) -> tuple[Part, ...]:
    if not body.strip():
        # Of a rule that does something, nothing was printed.
        return (Strange(HIDDEN),)
    if body.count('"') % 2:
        # A quote in a log prefix: from the last one on, nobody knows what is quoted.
        at = body.rindex('"')
        return (*read_statements(Words(rule_words(body[:at])), family), Strange(body[at:]))
    return believed(read_statements(Words(rule_words(body)), family), body)


def believed(parts: tuple[Part, ...], body: str) -> tuple[Part, ...]:
    """The parts of a rule, unless nft is known to say something else than the kernel has.

    It takes the addresses of a frame for parts of a tag that was asked for before, and then comes to where no header
    is: `vlan type ip vlan pcp 7 ... @ll,32,16` (nft 1.0.6 to 1.1.3).
    """
    if "@ll," not in body or "vlan " not in body:
        return parts
    return tuple(Unmodelled(body) if isinstance(part, Condition) else part for part in parts)


def read_statements(words: Words, family: str) -> tuple[Part, ...]:
    """The parts that a rule's words say."""
    reading = Reading(words, family)
    while words:
        reading.start = words.at
        before = len(reading.parts)
        try:
            read_statement(reading)
        except NotUnderstoodError:
            words.at = reading.start
            del reading.parts[before:]
            _opaque(reading)
    return tuple(reading.parts)


def read_statement(reading: Reading) -> None:
    """The statement that comes next. NotUnderstoodError where it is none."""
    words = reading.words
    word = words.next
    if word == "ct" and words.ahead(1) == "count":
        word = "ct count"
    found = STATEMENTS.get(word)
    if found is not None:
        found(reading)
        return
    if not begins_selector(word):
        raise NotUnderstoodError(word)
    length = plain_length(words)
    if length:
        reading.add(plain_comparison(words.skip(length), reading.family))
        return
    operand = read_operand(words, reading.family)
    if words.take_if("set"):
        reading.add(read_write(words, operand, reading.start, reading.family))
    else:
        reading.add(read_comparison(words, operand, reading.start, reading.family))


def _opaque(reading: Reading) -> None:
    rest = reading.words.coming()
    last = _verdict_at(rest)
    opaque, verdict = rest[:last], rest[last:]
    text = spaced(opaque or rest)
    if opaque and opaque[0] in LOOKING and _DOING.isdisjoint(opaque) and verdict:
        reading.add([Unmodelled(text)])
    else:
        reading.add([Strange(text)])
    reading.words.rest()
    if opaque and verdict:
        reading.add(read_statements(Words(verdict), reading.family))


def _verdict_at(words: list[str]) -> int:
    """Where the verdict begins that the words end with; their length where they end with none."""
    if words[-1] in _VERDICTS:
        return len(words) - 1
    if len(words) > 1 and words[-2] in {"jump", "goto"}:
        return len(words) - 2
    if "reject" in words[-5:]:
        return len(words) - 1 - words[::-1].index("reject")
    return len(words)
