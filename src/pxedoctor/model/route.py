"""Routes and neighbours of the host, as `ip -j route` and `ip -j neigh` tell them."""

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


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the ARP or ND table; `states` are the kernel's words: REACHABLE, STALE, FAILED, PERMANENT..."""

    address: str
    device: str
    mac: str = ""
    states: tuple[str, ...] = ()
