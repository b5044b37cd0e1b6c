"""What nft's comparisons mean, as conditions and verdict maps. What is not certain is Unmodelled, a map then Strange.

A comparison without operator is equality; on flags (ct state, tcp flags) it is "any of these bits is set", and `!` is
"none is" (nftables src/netlink_linearize.c netlink_gen_flagcmp).
"""

import msgspec

from pxedoctor.netfilter.condition import Always, Bits, Condition, Member, Name, Number, Unmodelled
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.nft_element import Element, key_elements, verdict_elements
from pxedoctor.netfilter.nft_key import Key
from pxedoctor.netfilter.nft_kind import INDEX, Kind, Names, Numbers
from pxedoctor.netfilter.nft_selector import Operand
from pxedoctor.netfilter.nft_words import NotUnderstoodError
from pxedoctor.netfilter.seen import Range
from pxedoctor.netfilter.syntax import Strange, VerdictMap


class Right(msgspec.Struct, frozen=True):
    """The right side: a named set, or elements. `braces`: they stood in braces. `mask`: of `syn / syn,ack`."""

    set_name: str = ""
    elements: tuple[Element, ...] = ()
    braces: bool = False
    mask: str = ""


def changed(operand: Operand, operator: str, word: str) -> Operand:
    """The operand under one more bit operation with a constant."""
    kind = operand.keys[0].kind
    if len(operand.keys) > 1 or operator in {"<<", ">>"} or operand.computed or operand.keys[0].field is None:
        return Operand(operand.keys, computed=True)
    try:
        bits = constant(kind, word)
    except ValueError:
        return Operand(operand.keys, computed=True)
    keep = kind.top if operand.keep is None else operand.keep
    match operator:
        case "&":
            return Operand(operand.keys, keep & bits, operand.flip & bits)
        case "^":
            return Operand(operand.keys, keep, operand.flip ^ bits)
        case _:
            return Operand(operand.keys, keep & ~bits, operand.flip & ~bits | bits)


def constant(kind: Kind, word: str) -> int:
    """A single number, or flags together. ValueError for anything else."""
    if isinstance(kind, Names):
        raise ValueError(f"bits of a name: {word}")
    if isinstance(kind, Numbers) and kind.flags:
        return kind.bits(word)
    low, high = kind.part(word)
    if low != high:
        raise ValueError(f"more than one value: {word}")
    return low


def compared(operand: Operand, operator: str, right: Right, text: str) -> Condition:
    """The condition that one comparison says."""
    try:
        if operand.keys[0].always is not None and len(operand.keys) == 1 and not operand.computed:
            return _decided(operand.keys[0], operand.keys[0].always, operator, right, text)
        fields = _fields(operand)
        if len(fields) == 1 and not right.set_name:
            return _single(operand.keys[0], fields[0], operand, operator, right)
        _all_bits(operand)
        if right.set_name:
            return Member(fields, right.set_name, negated=_is_negated(operator), text=text)
        elements = key_elements(_kinds(operand), right.elements)
        return Member(fields, elements=elements, negated=_is_negated(operator), text=text)
    except (ValueError, NotUnderstoodError):
        return Unmodelled(text)


def is_plain_number(key: Key) -> bool:
    """Whether a comparison of the key with one value is just that: no flags, no names, all bits known."""
    return key.field is not None and key.known_bits is None and not (isinstance(key.kind, Names) or key.kind.flags)


def number(key: Key, word: str, negated: bool) -> Number:
    """A plain key compared with one value. ValueError for what is none."""
    part = key.kind.part(word)
    if key.field is None or isinstance(part[0], str):
        raise ValueError(f"not a number: {word}")
    return Number(key.field, (part,), negated)


def verdict_map(operand: Operand, right: Right, text: str) -> VerdictMap | Strange:
    """`KEYS vmap @name` or `vmap { 67 : accept }`."""
    try:
        fields = _fields(operand)
        _all_bits(operand)
        if right.set_name:
            return VerdictMap(fields, right.set_name, text=text)
        return VerdictMap(fields, elements=verdict_elements(_kinds(operand), right.elements), text=text)
    except (ValueError, NotUnderstoodError):
        return Strange(text)


def _fields(operand: Operand) -> tuple[Field, ...]:
    """NotUnderstoodError where one is not modelled."""
    fields = tuple(key.field for key in operand.keys if key.field is not None)
    if operand.computed or len(fields) < len(operand.keys):
        raise NotUnderstoodError("a key that nobody models")
    return fields


def _all_bits(operand: Operand) -> None:
    """NotUnderstoodError unless whole values are looked up."""
    if operand.keep is not None or any(key.known_bits is not None for key in operand.keys):
        raise NotUnderstoodError("some bits of a value")


def _kinds(operand: Operand) -> tuple[Kind, ...]:
    return tuple(key.kind for key in operand.keys)


def _decided(key: Key, value: int, operator: str, right: Right, text: str) -> Condition:
    """A comparison with what never changes. NotUnderstoodError where the right side is not plain."""
    if operator in {"<", ">", "<=", ">="}:
        ranges = [_ordered(key.kind, operator, right)]
    else:
        ranges = [*_ranges(key.kind, right)]
    if right.set_name or right.mask:
        raise NotUnderstoodError("not plain")
    holds = any(low <= value <= high for low, high in ranges)
    return Always(holds if operator in {"<", ">", "<=", ">="} else holds is not _is_negated(operator), text)


def _is_negated(operator: str) -> bool:
    if operator not in {"", "==", "!="}:
        raise NotUnderstoodError(f"not for several values: {operator}")
    return operator == "!="


def _single(key: Key, field: Field, operand: Operand, operator: str, right: Right) -> Condition:
    kind = key.kind
    if isinstance(kind, Names):
        return _named(key, field, operator, right)
    if operator in {"<", ">", "<=", ">="}:
        return _masked(key, field, operand, (_ordered(kind, operator, right),), False)
    if isinstance(kind, Numbers) and kind.flags and not right.braces:
        return _flags(key, field, operand, operator, right)
    ranges = _ranges(kind, right) if right.braces else (kind.part(_only(right)),)
    return _masked(key, field, operand, ranges, _is_negated(operator))


def _ranges(kind: Kind, right: Right) -> tuple[Range, ...]:
    return tuple(part for (part,) in key_elements((kind,), right.elements) if not isinstance(part[0], str))


def _named(key: Key, field: Field, operator: str, right: Right) -> Condition:
    words = [element.key[0] for element in right.elements if len(element.key) == 1]
    if key.index is not None and len(words) == len(right.elements) and all(word.isdecimal() for word in words):
        # The index of a device that is gone has no name.
        if operator in {"<", ">", "<=", ">="}:
            return Number(key.index, (_ordered(INDEX, operator, right),))
        return Number(key.index, tuple(INDEX.part(word) for word in words), _is_negated(operator))
    elements = key_elements((key.kind,), right.elements)
    names = tuple((part[0], bool(part[1])) for (part,) in elements if isinstance(part[0], str))
    return Name(field, names, _is_negated(operator))


def _ordered(kind: Kind, operator: str, right: Right) -> Range:
    value = constant(kind, _only(right))
    return {
        "<": (0, value - 1),
        "<=": (0, value),
        ">": (value + 1, kind.top),
        ">=": (value, kind.top),
    }[operator]


def _only(right: Right) -> str:
    """The only word that something is compared with."""
    if right.braces or len(right.elements) != 1 or len(right.elements[0].key) != 1:
        raise NotUnderstoodError("more than one value")
    return right.elements[0].key[0]


def _flags(key: Key, field: Field, operand: Operand, operator: str, right: Right) -> Condition:
    value = constant(key.kind, _only(right))
    if right.mask:
        # `syn / syn,ack`: (flags & (syn | ack)) == syn
        masked = changed(operand, "&", right.mask)
        return _masked(key, field, masked, ((value, value),), _is_negated(operator))
    if operator in {"", "!"} and operand.keep is None and not (key.known_bits and value & ~key.known_bits):
        return Bits(field, value, negated=operator == "!")
    return _masked(key, field, operand, ((value, value),), _is_negated(operator))


def _masked(key: Key, field: Field, operand: Operand, ranges: tuple[Range, ...], negated: bool) -> Condition:
    """The number under the operand's bits. One spelling for what can be said in two: "no bit is set" is Bits."""
    keep = key.kind.top if operand.keep is None else operand.keep
    if operand.computed or (key.known_bits is not None and keep & ~key.known_bits):
        raise NotUnderstoodError("bits that are not known")
    if operand.flip:
        if any(low != high for low, high in ranges):
            raise NotUnderstoodError("a range of changed bits")
        ranges = tuple((low ^ operand.flip, low ^ operand.flip) for low, _ in ranges)
    if key.kind.flags and ranges == ((0, 0),) and keep != key.kind.top:
        return Bits(field, keep, negated=not negated)
    return Number(field, ranges, negated, None if keep == key.kind.top else keep)
