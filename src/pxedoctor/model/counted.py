"""Counters of a host at one moment: what is counted, and how often it has been."""

import msgspec


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    """`source`: `link`, `tc`, `kernel`, `conntrack`, `bridge-stp` or `rule`; `origin`: where a person reads it again.

    `device`: a device's name, or a rule's chain as `ip filter INPUT`.
    """

    source: str
    name: str
    device: str
    origin: str


Counted = dict[Counter, int]
