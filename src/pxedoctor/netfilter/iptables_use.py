"""One option of a match module with its values, as it stands in a rule: what the module's meaning is looked up by."""

import msgspec

from pxedoctor.netfilter.saved_values import Ip
from pxedoctor.netfilter.saved_words import plain, shown


class Use(msgspec.Struct, frozen=True):
    """`! --option values`; values without their quotes. `module` is the word behind -m."""

    module: str
    option: str
    values: tuple[str, ...]
    negated: bool
    family: Ip

    @property
    def only(self) -> str:
        """The one value. ValueError if there is another number of them."""
        return self.exactly(1)[0]

    def exactly(self, number: int) -> tuple[str, ...]:
        if len(self.values) != number:
            raise ValueError(f"{self.option} with {len(self.values)} values")
        return self.values

    @property
    def is_ip(self) -> bool:
        return self.family == "ip"

    @property
    def text(self) -> str:
        """With the module's name, because an option alone says nothing to a reader."""
        return shown(["-m", self.module, *(["!"] if self.negated else []), self.option, *self.values])


def uses_of(module: str, words: tuple[str, ...], family: Ip) -> tuple[Use, ...]:
    """The words behind `-m module`, option by option. ValueError where a word belongs to no option.

    Old programs print the negation behind the option (`--dport ! 67`).
    """
    found: list[Use] = []
    position = 0
    while position < len(words):
        negated = words[position] == "!"
        position += int(negated)
        if position == len(words) or not words[position].startswith("--"):
            raise ValueError(f"not an option of {module}: {shown(words[position:])}")
        option = words[position]
        position += 1
        if words[position : position + 1] == ("!",) and not _is_option(words, position + 1):
            negated, position = True, position + 1
        end = position
        while end < len(words) and words[end] != "!" and not words[end].startswith("--"):
            end += 1
        values = tuple(plain(word) for word in words[position:end])
        found.append(Use(module, option, values, negated, family))
        position = end
    return tuple(found)


def _is_option(words: tuple[str, ...], position: int) -> bool:
    return position >= len(words) or words[position].startswith("--")


def device(value: str) -> tuple[str, bool]:
    """A final `+` stands for any rest of the name."""
    return (value[:-1], True) if value.endswith("+") else (value, False)
