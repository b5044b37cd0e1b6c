"""Named sets and maps of an nft listing: the lines of one block, to what the walk needs of it."""

import re

import msgspec

from pxedoctor.netfilter.condition import Part
from pxedoctor.netfilter.nft_element import Element, key_elements, parts_of, read_elements, verdict_elements
from pxedoctor.netfilter.nft_kind import KINDS, Kind, Names
from pxedoctor.netfilter.nft_selector import read_keys
from pxedoctor.netfilter.nft_words import NotUnderstoodError, Words, words_of
from pxedoctor.netfilter.syntax import End, Jump, NamedSet

# Lines that change nothing about what is in the set.
_ATTRIBUTES = frozenset({"size", "policy", "gc-interval", "timeout", "auto-merge", "comment", "counter", "last"})
_CHANGING = ("dynamic", "timeout")
# Addresses and ports hold none of these letters, nor what stands beside a key.
_MORE_THAN_KEYS = re.compile(r'["{}|*()g-zG-Z]| :|: ')


def named_set(
    name: str, kinds: tuple[Kind, ...] | None, elements: tuple[Element, ...], is_verdict_map: bool, why: str
) -> NamedSet:
    """`kinds` None: a type that is not modelled. `why`: why the contents are not known, "" where nothing speaks so."""
    keys: tuple[tuple[Part, ...], ...] = ()
    verdicts: tuple[End | Jump, ...] = ()
    if kinds is None:
        why = why or "it has a type that is not modelled"
    else:
        try:
            if is_verdict_map:
                pairs = verdict_elements(kinds, elements)
                keys, verdicts = tuple(key for key, _ in pairs), tuple(verdict for _, verdict in pairs)
            else:
                keys = key_elements(kinds, elements)
        except (ValueError, NotUnderstoodError) as error:
            why = why or f"an element is not understood: {error}"
    return NamedSet(name=name, elements=keys, verdicts=verdicts, known=not why, why=why)


class SetBlock:
    """The lines of one set, one after the other."""

    def __init__(self, name: str, family: str) -> None:
        self._name = name
        self._family = family
        self._kinds: tuple[Kind, ...] | None = None
        self._is_verdict_map = False
        self._text: list[str] = []
        self._elements = ""
        self._why = ""

    def take(self, line: str) -> None:
        """A line but for the elements."""
        word, _, rest = line.rstrip(";").partition(" ")
        if word in {"type", "typeof"}:
            self._text.append(line)
            self._typed(word, rest)
        elif word == "flags":
            self._text.append(line)
            changing = [flag for flag in rest.replace(",", " ").split() if flag in _CHANGING]
            self._doubt(f"its contents change by themselves (flags {','.join(changing)})" if changing else "")
        elif word == "timeout":
            self._doubt("its contents change by themselves (timeout)")
        elif word not in _ATTRIBUTES:
            self._doubt(f"what `{line[:60]}` says is not understood")

    def take_elements(self, text: str) -> None:
        """What stands between the braces of `elements`."""
        self._elements = text

    def done(self) -> NamedSet:
        text = "; ".join(self._text)
        if self._kinds is not None and not self._is_verdict_map and not _MORE_THAN_KEYS.search(self._elements):
            return self._of_keys(self._kinds, text)
        elements: tuple[Element, ...] = ()
        try:
            elements = read_elements(words_of(self._elements)) if self._elements.strip() else ()
        except NotUnderstoodError:
            self._doubt("its elements hold a quotation that does not end")
        found = named_set(self._name, self._kinds, elements, self._is_verdict_map, self._why)
        return msgspec.structs.replace(found, text=text)

    def _of_keys(self, kinds: tuple[Kind, ...], text: str) -> NamedSet:
        """Long sets hold nothing but keys: they are read without looking for more."""
        keys: list[tuple[Part, ...]] = []
        try:
            words = [word.strip() for word in self._elements.split(",")]
            if len(kinds) == 1 and not isinstance(kinds[0], Names):
                part = kinds[0].part
                keys += [(part(word),) for word in words if word]
            else:
                found = (parts_of(kinds, tuple(word.split(" . "))) for word in words if word)
                keys += [parts for parts in found if parts is not None]
        except ValueError as error:
            self._doubt(f"an element is not understood: {error}")
        return NamedSet(name=self._name, elements=tuple(keys), known=not self._why, why=self._why, text=text)

    def _typed(self, word: str, rest: str) -> None:
        keys, _, data = rest.partition(" : ")
        self._is_verdict_map = data.strip() == "verdict"
        try:
            if word == "type":
                self._kinds = tuple(KINDS[name] for name in keys.split(" . "))
            else:
                words = Words(words_of(keys))
                found = read_keys(words, self._family)
                self._kinds = None if words or any(key.field is None for key in found) else tuple(k.kind for k in found)
        except (KeyError, NotUnderstoodError):
            self._kinds = None

    def _doubt(self, why: str) -> None:
        self._why = self._why or why
