"""Reads nft's comparisons: `KEYS [OPERATOR] VALUES` and `KEYS vmap {...}`. What they mean: `nft_meaning`.

A value outside a set's braces may be a prefix, a range, flags, or values joined by dots.
"""

from functools import lru_cache

from pxedoctor.netfilter.condition import Condition, Unmodelled
from pxedoctor.netfilter.nft_element import Element, read_elements
from pxedoctor.netfilter.nft_fib import fib_condition
from pxedoctor.netfilter.nft_key import FIELDS, HEADERS, key_of, needed_by
from pxedoctor.netfilter.nft_meaning import Right, changed, compared, is_plain_number, number, verdict_map
from pxedoctor.netfilter.nft_selector import SELECTORS, Operand, is_raw, read_keys
from pxedoctor.netfilter.nft_words import NotUnderstoodError, Words
from pxedoctor.netfilter.syntax import Strange, VerdictMap

OPERATORS = frozenset({"==", "!=", "<", ">", "<=", ">=", "!"})
# A value may be called as a header is (`ip`, `tcp`), but never as any other expression.
_NO_VALUES = (SELECTORS - HEADERS.keys()) | OPERATORS | {"{", "}", ")", "|", ",", ".", ":", "vmap", "map", "set"}
_BIT_OPERATORS = frozenset({"&", "|", "^", "<<", ">>"})
# The first words of keys that are modelled, and the second ones; meta keys stand by themselves too.
_TWO_WORDS = [tuple(words.split()) for words in FIELDS if words.count(" ") == 1]
_PLAIN_KEYS = {first: frozenset(second for one, second in _TWO_WORDS if one == first) for first, _ in _TWO_WORDS} | {
    second: frozenset() for first, second in _TWO_WORDS if first == "meta"
}
_NO_PLAIN_VALUES = _NO_VALUES | _BIT_OPERATORS | {"", "(", "/"}
_GOES_ON = frozenset({".", "|", "/", "map"})


def plain_length(words: Words) -> int:
    """How many words the comparison that comes next has, if it is `KEY [OPERATOR] WORD` and no more; else 0."""
    seconds = _PLAIN_KEYS.get(words.next)
    if seconds is None:
        return 0
    length = 2 if seconds else 1
    if seconds and words.ahead(1) not in seconds:
        return 0
    if words.ahead(length) in OPERATORS:
        length += 1
    value = words.ahead(length)
    if value in _NO_PLAIN_VALUES or value[:1] == "@" or words.ahead(length + 1) in _GOES_ON:
        return 0
    return length + 1


# The same few are in many rules: the devices, ports and addresses of a host.
@lru_cache(maxsize=4096)
def plain_comparison(taken: tuple[str, ...], family: str) -> tuple[Condition | VerdictMap | Strange, ...]:
    """The comparison that these words are."""
    first, second = taken[:2]
    key = key_of(f"{first} {second}" if _PLAIN_KEYS[first] else f"meta {first}", family)
    operator = taken[-2] if taken[-2] in OPERATORS else ""
    if operator in {"", "!="} and is_plain_number(key):
        # Nine of ten are so; the long way comes to the same.
        try:
            return (*key.implied, number(key, taken[-1], operator == "!="))
        except ValueError:
            pass
    words = Words(list(taken))
    operand = read_operand(words, family)
    return tuple(read_comparison(words, operand, 0, family))


def read_comparison(words: Words, operand: Operand, start: int, family: str) -> list[Condition | VerdictMap | Strange]:
    """The rest of a comparison that begins at `start`, with what it implies before it. NotUnderstoodError where its
    extent is not known.
    """
    if words.take_if("vmap"):
        right = read_right(words)
        return _with_needs(operand, verdict_map(operand, right, words.text_since(start)), family)
    operator = words.take() if words.next in OPERATORS else ""
    right = read_right(words)
    text = words.text_since(start)
    if operand.keys[0].words.startswith("fib "):
        return [fib_condition(operand.keys[0].words, operator, _plain_words(right), family, text)]
    return _with_needs(operand, compared(operand, operator, right, text), family)


def _with_needs(
    operand: Operand, part: Condition | VerdictMap | Strange, family: str
) -> list[Condition | VerdictMap | Strange]:
    """A part, after what is implied. What is not understood does not say itself which packets it is not about."""
    is_understood = not isinstance(part, Unmodelled | Strange)
    needs = [key.implied if is_understood else needed_by(key, family) for key in operand.keys]
    return [*(condition for conditions in needs for condition in conditions), part]


def read_operand(words: Words, family: str) -> Operand:
    """What is compared, up to the operator."""
    keys = read_keys(words, family)
    operand = Operand(keys)
    while words.next in _BIT_OPERATORS:
        operator = words.take()
        operand = changed(operand, operator, _value(words))
    return operand


def read_right(words: Words) -> Right:
    """What something is compared with, or looked up in."""
    if words.next == "{":
        return Right(elements=read_elements(words.braces()), braces=True)
    if words.next[:1] == "@" and not is_raw(words.next):
        return Right(set_name=words.take()[1:])
    terms = [_term(words)]
    while words.take_if("."):
        terms.append(_term(words))
    mask = _term(words) if words.take_if("/") else ""
    return Right(elements=(Element(key=tuple(terms)),), mask=mask)


def _term(words: Words) -> str:
    """One value: a word, or flags joined by bars."""
    taken = [_value(words)]
    while words.next == "|":
        words.take()
        taken.append(_value(words))
    return ",".join(taken)


def _value(words: Words) -> str:
    """A word, or flags in brackets."""
    word = words.take()
    if word == "(":
        taken = [_value(words)]
        while words.take_if("|"):
            taken.append(_value(words))
        words.expect(")")
        return ",".join(taken)
    if word in _NO_VALUES:
        raise NotUnderstoodError(word)
    return word


def _plain_words(right: Right) -> tuple[str, ...] | None:
    if right.set_name or right.mask or any(len(element.key) != 1 or element.odd for element in right.elements):
        return None
    return tuple(element.key[0] for element in right.elements)
