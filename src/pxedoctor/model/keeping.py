"""What is made of facts, kept as long as they are."""

from collections.abc import Callable
from functools import cached_property
from typing import Self, TypeVar

import msgspec

T = TypeVar("T")


class Keeping(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Facts of which something that costs time is made, and asked for by several."""

    def once(self, make: Callable[[Self], T]) -> T:
        """What `make` makes of these facts: made when it is first asked for, and kept as long as they are."""
        kept: dict[object, object] = self._kept
        if make not in kept:
            kept[make] = make(self)
        return kept[make]  # type: ignore[return-value]

    @cached_property
    def _kept(self) -> dict[object, object]:
        return {}
