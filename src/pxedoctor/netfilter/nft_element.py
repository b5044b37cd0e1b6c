"""Elements of nft's sets and maps, anonymous and named: `{ 10.0.0.0/8 . 67, 192.0.2.1 comment "x" : jump lan }`."""

from itertools import chain

import msgspec

from pxedoctor.netfilter.condition import Part
from pxedoctor.netfilter.nft_kind import Kind, Names, Numbers, every
from pxedoctor.netfilter.nft_words import NotUnderstoodError
from pxedoctor.netfilter.syntax import End, Ends, Jump

# What may stand beside a key, and how many words follow it.
_HARMLESS = {"comment": 1, "timeout": 1, "expires": 1, "packets": 1, "bytes": 1, "used": 1, "counter": 0, "last": 0}
# Statements in an element: the packet that finds it may still not meet it.
_BREAKING = frozenset({"limit", "quota", "ct"})
_ENDS = {"accept": Ends.ACCEPT, "drop": Ends.DROP, "return": Ends.RETURN, "continue": Ends.CONTINUE}


class Element(msgspec.Struct, frozen=True):
    """Its parts as words, and the words behind the colon in a map. `odd`: why it cannot be used; "" if it can."""

    key: tuple[str, ...]
    data: tuple[str, ...] = ()
    odd: str = ""


def read_elements(words: list[str]) -> tuple[Element, ...]:
    """What stands between braces, whatever it is."""
    return tuple(_element(piece) for piece in _split(words, ","))


def _element(words: list[str]) -> Element:
    before, *after = _split(words, ":")
    key, breaks = _bare(before)
    data, also = _bare(after[0]) if after else ([], False)
    try:
        parts = joined(key)
    except NotUnderstoodError:
        parts = ()
    odd = "" if parts and len(after) < 2 else " ".join(words) or "nothing"
    return Element(key=parts, data=tuple(data), odd="an element with a statement" if breaks or also else odd)


def _split(words: list[str], mark: str) -> list[list[str]]:
    pieces: list[list[str]] = [[]]
    for word in words:
        if word == mark:
            pieces.append([])
        else:
            pieces[-1].append(word)
    if pieces[-1] == [] and len(pieces) > 1:
        pieces.pop()
    return pieces


def _bare(words: list[str]) -> tuple[list[str], bool]:
    """The words without comments, counters and the like, and whether a statement among them may break."""
    bare: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if word in _BREAKING and bare:
            return bare, True
        if word in _HARMLESS and bare:
            for _ in range(_HARMLESS[word]):
                next(waiting, "")
        else:
            bare.append(word)
    return bare, False


def joined(words: list[str]) -> tuple[str, ...]:
    """Parts of a key, which dots part; `syn | ack` is one part."""
    parts: list[str] = []
    for piece in _split(words, "."):
        bare = [word for word in piece if word not in {"(", ")"}]
        text = "".join("," if word == "|" else word for word in bare)
        # nft parts elements by a comma and a space; `a,b` would be flags to somebody and two elements to somebody else.
        if not text or (len(bare) > 1 and "|" not in bare) or any("," in word and word[0] != '"' for word in bare):
            raise NotUnderstoodError(" ".join(words))
        parts.append(text)
    return tuple(parts)


def parts_of(kinds: tuple[Kind, ...], key: tuple[str, ...]) -> tuple[Part, ...] | None:
    """An element as values. None: a device is meant that is gone, so no packet meets it. ValueError: not understood."""
    if key == ("*",):
        return tuple(every(kind) for kind in kinds)
    parts: list[Part] = []
    for kind, word in zip(kinds, key, strict=True):
        if isinstance(kind, Names) and not kind.prefixes and word.isdecimal():
            return None
        if isinstance(kind, Numbers) and kind.flags:
            bits = kind.bits(word)
            parts.append((bits, bits))
        else:
            parts.append(kind.part(word))
    return tuple(parts)


def verdict_of(words: tuple[str, ...]) -> End | Jump:
    """ "accept", "jump lan"; NotUnderstoodError for anything else."""
    match words:
        case (word,) if word in _ENDS:
            return End(_ENDS[word])
        case ("jump" | "goto" as word, target):
            return Jump(target, goto=word == "goto")
        case _:
            raise NotUnderstoodError(" ".join(words))


VerdictElements = tuple[tuple[tuple[Part, ...], End | Jump], ...]


def key_elements(kinds: tuple[Kind, ...], elements: tuple[Element, ...]) -> tuple[tuple[Part, ...], ...]:
    """The elements of a set. ValueError or NotUnderstoodError where one is not understood, or may break."""
    return tuple(parts for parts, _ in _valued(kinds, elements))


def verdict_elements(kinds: tuple[Kind, ...], elements: tuple[Element, ...]) -> VerdictElements:
    """As `key_elements`, of a verdict map."""
    return tuple((parts, verdict_of(element.data)) for parts, element in _valued(kinds, elements))


def _valued(kinds: tuple[Kind, ...], elements: tuple[Element, ...]) -> list[tuple[tuple[Part, ...], Element]]:
    """The wildcard comes last: it is met only where nothing else is."""
    usual = [element for element in elements if element.key != ("*",)]
    wild = [element for element in elements if element.key == ("*",)]
    found: list[tuple[tuple[Part, ...], Element]] = []
    for element in chain(usual, wild):
        if element.odd:
            raise NotUnderstoodError(element.odd)
        parts = parts_of(kinds, element.key)
        if parts is not None:
            found.append((parts, element))
    return found
