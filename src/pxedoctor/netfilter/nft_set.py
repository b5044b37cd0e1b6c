"""Named sets and maps of an nft listing: the lines of one block, to what the walk needs of it."""

import re

from pxedoctor.netfilter.condition import Part
from pxedoctor.netfilter.nft_element import key_elements, parts_of, read_elements, verdict_elements
from pxedoctor.netfilter.nft_kind import KINDS, Kind
from pxedoctor.netfilter.nft_selector import read_keys
from pxedoctor.netfilter.nft_words import NotUnderstoodError, Words, words_of
from pxedoctor.netfilter.syntax import End, Jump, NamedSet

# Lines that change nothing about what is in the set.
_ATTRIBUTES = frozenset({"size", "policy", "gc-interval", "timeout", "auto-merge", "comment", "counter", "last"})
_CHANGING = ("dynamic", "timeout")
# Addresses and ports hold none of these letters, nor what stands beside a key.
_MORE_THAN_KEYS = re.compile(r'["{}|*()g-zG-Z]| :|: ')


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
        elements: tuple[tuple[Part, ...], ...] = ()
        verdicts: tuple[End | Jump, ...] = ()
        if self._kinds is None:
            self._doubt("it has a type that is not modelled")
        else:
            try:
                if self._is_verdict_map:
                    pairs = verdict_elements(self._kinds, read_elements(words_of(self._elements)))
                    elements, verdicts = tuple(key for key, _ in pairs), tuple(verdict for _, verdict in pairs)
                else:
                    elements = self._keys()
            except (ValueError, NotUnderstoodError) as error:
                self._doubt(f"an element is not understood: {error}")
        return NamedSet(
            name=self._name,
            elements=elements,
            verdicts=verdicts,
            known=not self._why,
            why=self._why,
            text="; ".join(self._text),
        )

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

    def _keys(self) -> tuple[tuple[Part, ...], ...]:
        """Long sets hold nothing but keys: they are read without looking for more."""
        text, kinds = self._elements, self._kinds or ()
        if _MORE_THAN_KEYS.search(text):
            return key_elements(kinds, read_elements(words_of(text)))
        found = (parts_of(kinds, tuple(element.strip().split(" . "))) for element in text.split(",") if element.strip())
        return tuple(parts for parts in found if parts is not None)

    def _doubt(self, why: str) -> None:
        self._why = self._why or why
