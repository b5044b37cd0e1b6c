"""What routes decide about a packet, as rules ask for it: the type of an address, and whether there is a way back."""

import msgspec

from pxedoctor.netfilter.address import overlap, within
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.routes import Routes, Version
from pxedoctor.netfilter.seen import Range, Seen

_BROADCAST4 = (1 << 32) - 1
_ZERO_NET = (0, (1 << 24) - 1)
_LOCAL_MULTICAST = (0xE0000000, 0xE00000FF)
_MULTICAST = (0xE0000000, 0xEFFFFFFF)
_LOOPBACK = "lo"


def is_of_type(which: Field, value: Range, types: frozenset[str], routes: Routes | None) -> bool | None:
    """Whether an address (all of a range) is of one of these types; None where that is not known."""
    if which not in (Field.SOURCE4, Field.DESTINATION4):
        only_local = types == {"local"} and routes is not None and routes.knows(6)
        return False if only_local and routes is not None and routes.is_not_local6(value) else None
    kind = _type4(value, routes)
    return None if kind is None else kind in types


def _type4(value: Range, routes: Routes | None) -> str | None:
    """net/ipv4/fib_frontend.c __inet_dev_addr_type: what no route decides comes first."""
    if within(value, _ZERO_NET) or value == (_BROADCAST4, _BROADCAST4):
        return "broadcast"
    if within(value, _MULTICAST):
        return "multicast"
    decided = (_ZERO_NET, _MULTICAST, (_BROADCAST4, _BROADCAST4))
    if routes is None or not routes.knows(4) or any(overlap(value, net) for net in decided):
        return None
    return routes.type4(value)


def needs_no_way_back(seen: Seen) -> bool:
    """xt_rpfilter: net/ipv4/netfilter/ipt_rpfilter.c lets 0.0.0.0/8 -> 255.255.255.255 and 224.0.0.0/24 pass,
    ip6t_rpfilter.c the source `::`.
    """
    source, source6 = seen.number(Field.SOURCE4), seen.number(Field.SOURCE6)
    if source6 == (0, 0):
        return True
    if not isinstance(source, tuple) or not within(source, _ZERO_NET):
        return False
    to = seen.number(Field.DESTINATION4)
    return isinstance(to, tuple) and (to == (_BROADCAST4, _BROADCAST4) or within(to, _LOCAL_MULTICAST))


def is_discover(seen: Seen) -> bool:
    """nft's fib: net/ipv4/netfilter/nft_fib_ipv4.c finds a way back from 0.0.0.0 to everybody."""
    return seen.number(Field.SOURCE4) == (0, 0) and seen.number(Field.DESTINATION4) == (_BROADCAST4, _BROADCAST4)


def has_no_way_back(seen: Seen, local: bool = False) -> bool:
    """Whether surely no route to the packet's source leads out where it came in. `local`: one to this host counts too.

    False also where it is not known. A source that needs no route is not looked at here.
    """
    asked = _asked(seen)
    return asked is not None and asked.routes.leads_nowhere(asked.version, asked.device, asked.source, local)


def has_way_back(seen: Seen, by_mark: bool) -> bool:
    """Whether surely the route to the packet's source leads out where it came in. False also where it is not known.

    `by_mark`: the packet's mark is asked for, too; else rules of policy routing see none.
    """
    asked = _asked(seen)
    mark = seen.marks.mark if by_mark else 0
    return asked is not None and asked.routes.leads_back(asked.version, asked.device, asked.source, mark)


class _Asked(msgspec.Struct, frozen=True):
    """What routes are asked for."""

    routes: Routes
    version: Version
    device: str
    source: Range


def _asked(seen: Seen) -> _Asked | None:
    """None where that is not known, and for a source that needs no route."""
    routes, device = seen.place.routes, seen.name(Field.IN_NAME)
    source, version = _source(seen)
    if routes is None or source is None or not routes.knows(version) or not isinstance(device, str):
        return None
    if device in {"", _LOOPBACK} or source[0] == 0 or (version == 4 and overlap(source, _ZERO_NET)):
        return None
    return _Asked(routes, version, device, source)


def _source(seen: Seen) -> tuple[Range | None, Version]:
    source, source6 = seen.number(Field.SOURCE4), seen.number(Field.SOURCE6)
    if isinstance(source, tuple):
        return source, 4
    return (source6 if isinstance(source6, tuple) else None), 6
