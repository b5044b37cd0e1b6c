"""nft's statements that write: `meta mark set ...`, `ct helper set ...`, `ip dscp set ...`.

A value that is looked up or read from the packet may not be there; then the rule breaks off before anything is written.
"""

from typing import Literal

import msgspec

from pxedoctor.netfilter.condition import Condition, Unmodelled
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.nft_compare import read_operand, read_right
from pxedoctor.netfilter.nft_key import HAS_ENTRY, needed_by
from pxedoctor.netfilter.nft_kind import MARK
from pxedoctor.netfilter.nft_meaning import constant
from pxedoctor.netfilter.nft_selector import Operand, begins_selector
from pxedoctor.netfilter.nft_words import NotUnderstoodError, Words
from pxedoctor.netfilter.syntax import Action, GoesOn, Strange, WriteMark

Mark = Literal[Field.MARK, Field.CT_MARK]
_MARKS: dict[str, Mark] = {"meta mark": Field.MARK, "ct mark": Field.CT_MARK}
# What no rule of a packet filter asks for that concerns us, or only for whom traffic is counted, logged or helped.
_HARMLESS = frozenset(
    {
        "meta priority",
        "meta nftrace",
        "meta secmark",
        "ct helper",
        "ct timeout",
        "ct expectation",
        "ct event",
        "ct label",
    }
    | {"ct secmark", "ct zone", "ct original zone", "ct reply zone", "ip dscp", "ip ecn", "ip6 dscp", "ip6 ecn"}
    | {"ip6 flowlabel", "ip id", "ip checksum", "udp checksum", "tcp checksum", "vlan pcp", "vlan dei"}
)


class Value(msgspec.Struct, frozen=True):
    """What is written: a word, or what an expression says. `found`: by a lookup that may find nothing."""

    word: str = ""
    operand: Operand | None = None
    found: bool = False


def read_value(words: Words, family: str) -> Value:
    """A value up to its end. NotUnderstoodError where that is not known."""
    if begins_selector(words.next):
        operand = read_operand(words, family)
        found = words.take_if("map")
        if found:
            read_right(words)
        return Value(operand=operand, found=found)
    right = read_right(words)
    if right.set_name or right.braces or len(right.elements[0].key) > 1:
        return Value()
    return Value(word=right.elements[0].key[0])


def read_write(words: Words, operand: Operand, start: int, family: str) -> list[Condition | Action]:
    """The rest of a statement that begins at `start`, after `set`."""
    if len(operand.keys) > 1 or operand.keep is not None or operand.computed:
        raise NotUnderstoodError("a write of more than one thing")
    (key,) = operand.keys
    value = read_value(words, family)
    text = words.text_since(start)
    if key.words in _MARKS:
        return mark_written(_MARKS[key.words], value, text)
    if key.words.startswith("tcp option"):
        # Whether a packet without that option goes on with this rule depends on the kernel (nft_exthdr.c).
        return [Unmodelled(text) if words else GoesOn(text)]
    parts: list[Condition | Action] = [] if key.words.startswith("ct ") else list(needed_by(key, family))
    parts += conditions_of(value, text)
    return [*parts, GoesOn(text) if key.words in _HARMLESS else Strange(text)]


def conditions_of(value: Value, text: str) -> list[Condition]:
    """What must hold for the value to be there."""
    if value.operand is None:
        return []
    implied = [condition for key in value.operand.keys for condition in key.implied]
    certain = all(key.words.startswith("meta ") and key.field is not None for key in value.operand.keys)
    return implied if certain and not value.found else [*implied, Unmodelled(text)]


def mark_written(field: Mark, value: Value, text: str) -> list[Condition | Action]:
    """A mark from a constant, from itself, from the other mark, or from what nobody here can tell."""
    if value.operand is None:
        try:
            return [WriteMark(field, flip=constant(MARK, value.word))]
        except ValueError:
            return [WriteMark(field, known=False)]
    operand = value.operand
    source = operand.keys[0].field if len(operand.keys) == 1 else None
    if value.found or operand.computed or source not in (Field.MARK, Field.CT_MARK):
        return [*conditions_of(value, text), WriteMark(field, known=False)]
    needs: list[Condition | Action] = [HAS_ENTRY] if source is Field.CT_MARK else []
    if source is field:
        return [*needs, WriteMark(field, MARK.top if operand.keep is None else operand.keep, operand.flip)]
    if operand.keep is None:
        return [*needs, WriteMark(field, copied_from=source)]
    return [*needs, WriteMark(field, known=False)]
