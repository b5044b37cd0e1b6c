"""One option of a saved rule with its values: what its meaning is looked up by."""

from collections.abc import Callable

import msgspec

from pxedoctor.netfilter.condition import Condition, Unmodelled
from pxedoctor.netfilter.saved_values import Ip
from pxedoctor.netfilter.saved_words import shown


class Use(msgspec.Struct, frozen=True):
    """`! --option values`; values without their quotes. `module` is the word behind iptables' -m."""

    option: str
    values: tuple[str, ...]
    negated: bool
    module: str = ""
    family: Ip = "ip"

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
        module = ["-m", self.module] if self.module else []
        return shown([*module, *(["!"] if self.negated else []), self.option, *self.values])


# KeyError or ValueError for a value that is not understood.
Builder = Callable[[Use], tuple[Condition, ...]]


def conditions(use: Use, build: Builder | None) -> tuple[Condition, ...]:
    """What the option means; `Unmodelled` in its own words where nobody knows."""
    if build is None:
        return (Unmodelled(use.text),)
    try:
        return build(use)
    except (KeyError, ValueError):
        return (Unmodelled(use.text),)


def device(value: str) -> tuple[str, bool]:
    """A final `+` stands for any rest of the name."""
    return (value[:-1], True) if value.endswith("+") else (value, False)
