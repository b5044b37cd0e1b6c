"""Routes, rules of policy routing and neighbours of the host, as `ip -j` tells them."""

import msgspec


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One route. `destination` is a prefix, an address or `default`; `kind` is rtnetlink(7)'s type, e.g. unicast.

    `advertised`: its device has routes that the kernel itself took from a router's advertisements, this one or another;
    None: not known.
    """

    family: str
    destination: str
    device: str = ""
    gateway: str = ""
    table: str = "main"
    kind: str = "unicast"
    protocol: str = ""
    metric: int | None = None
    advertised: bool | None = False


class RoutingRule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of policy routing, in the host's order; `table` is "" for one that looks up none.

    `mark`: the packet's mark under a mask, (value, mask). `device`: what the packet comes in through. `source`: an
    address or a prefix that its sender is in. `suppresses`: routes of at most so many bits are passed over (0: the
    default). `others`: what else it asks or does, in the words of `ip -j rule`.
    """

    family: str
    priority: int
    table: str = ""
    mark: tuple[int, int] | None = None
    device: str = ""
    source: str = ""
    suppresses: int | None = None
    others: tuple[str, ...] = ()


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the ARP or ND table; `states` are the kernel's words: REACHABLE, STALE, FAILED, PERMANENT..."""

    address: str
    device: str
    mac: str = ""
    states: tuple[str, ...] = ()
