"""A rule while it is read: its words, its table's family, and the parts understood so far."""

from collections.abc import Iterable

from pxedoctor.netfilter.condition import Condition
from pxedoctor.netfilter.nft_words import Words
from pxedoctor.netfilter.syntax import Action, GoesOn

Part = Condition | Action


class Reading:
    """`start` is where the statement begins that is being read."""

    def __init__(self, words: Words, family: str) -> None:
        self.words = words
        self.family = family
        self.parts: list[Part] = []
        self.start = 0
        self._has_done = False

    @property
    def text(self) -> str:
        """The statement as far as it is read."""
        return self.words.text_since(self.start)

    def add(self, parts: Iterable[Part]) -> None:
        """A condition that the rule has said already is not said again, unless something may have changed since."""
        for part in parts:
            if isinstance(part, Condition):
                if self._has_done or part not in self.parts:
                    self.parts.append(part)
            else:
                self._has_done = self._has_done or not isinstance(part, GoesOn)
                self.parts.append(part)

    @property
    def is_counted(self) -> bool:
        """iptables-nft and its kin write matches, a counter, and then the target."""
        return any(isinstance(part, GoesOn) and part.text.startswith("counter") for part in self.parts)

    @property
    def will_be_counted(self) -> bool:
        return "counter" in self.words.coming()
