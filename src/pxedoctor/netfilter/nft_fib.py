"""nft's fib expression: what the routes say of a packet's addresses (netfilter.routed).

What an address is by itself it is on every device; of `fib daddr . iif type` nothing else is certain.
"""

from pxedoctor.netfilter.condition import AddressType, AnyOf, Condition, RouteBack, Unmodelled
from pxedoctor.netfilter.field import Field

# net/netfilter/nft_fib.c; the names of `nft describe fib_addrtype`.
_TYPES = frozenset(
    {"unspec", "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit"}
)
_ENDS = {"saddr": (Field.SOURCE4, Field.SOURCE6), "daddr": (Field.DESTINATION4, Field.DESTINATION6)}


def fib_condition(words: str, operator: str, values: tuple[str, ...] | None, family: str, text: str) -> Condition:
    """`words` as nft prints them, e.g. "fib saddr . iif oif"; `values`: what it is compared with, None: of no use."""
    _, *asked, result = words.replace(" .", "").split()
    if values is None or operator not in {"", "==", "!="}:
        return Unmodelled(text)
    if result == "type":
        return _type(asked, operator == "!=", values, family, text)
    if {"saddr", "iif"} <= set(asked) <= {"saddr", "iif", "mark"}:
        return _route_back(result, operator == "!=", values, text, "mark" in asked)
    return Unmodelled(text)


def _type(asked: list[str], negated: bool, values: tuple[str, ...], family: str, text: str) -> Condition:
    ends = [_ENDS[word] for word in asked if word in _ENDS]
    if len(ends) != 1 or not _TYPES.issuperset(values):
        return Unmodelled(text)
    fields = {"ip": ends[0][:1], "ip6": ends[0][1:], "inet": ends[0]}.get(family, ())
    limited = not {"iif", "oif"}.isdisjoint(asked)
    kinds = tuple(AddressType(field, frozenset(values), text=text, limited=limited) for field in fields)
    if not kinds:
        return Unmodelled(text)
    if len(kinds) == 1:
        return AddressType(fields[0], frozenset(values), negated, text, limited)
    return AnyOf(kinds, negated, text)


def _route_back(result: str, negated: bool, values: tuple[str, ...], text: str, marked: bool) -> Condition:
    """`oif 0` says as much as `missing`: no device."""
    if result not in {"oif", "check"} or len(values) != 1 or values[0] not in {"missing", "exists", "0"}:
        return Unmodelled(text)
    return RouteBack(missing=(values[0] != "exists") is not negated, text=text, marked=marked)
