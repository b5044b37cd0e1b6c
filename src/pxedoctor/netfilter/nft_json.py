"""JSON of `nft -j list ruleset`, `list table`, `list chain`, `list chains` (libnftables-json(5)) to tables.

1. What nft 1.0.6 leaves out there and prints in text: the devices of netdev chains, `dynamic` of sets, comments of
   chains; and the flag of a table is whatever lies in freed memory (src/json.c table_flags_json). A chain or set of
   which that could matter says so.
2. Rules stay JSON until somebody asks for them. All stand in one line; `Rule.line` is 1.
"""

import json
import re
from collections.abc import Mapping

import msgspec

from pxedoctor.netfilter.nft_element import Element, read_elements
from pxedoctor.netfilter.nft_json_rule import json_reader_of
from pxedoctor.netfilter.nft_json_set import key_words, pair_words
from pxedoctor.netfilter.nft_json_words import as_list, expression_words, kinds_of, string
from pxedoctor.netfilter.nft_kind import KINDS, Kind
from pxedoctor.netfilter.nft_set import named_set
from pxedoctor.netfilter.nft_words import NotUnderstoodError
from pxedoctor.netfilter.syntax import Chain, ListingError, NamedSet, Table

_FAMILIES = frozenset({"ip", "ip6", "inet", "arp", "bridge", "netdev"})
_FLAGS = frozenset({"dormant", "owner", "persist"})
_WRITTEN = re.compile(r'"(?:set|map)": ?"@([^"]+)"')
_NO_STATEMENTS = frozenset({"counter", "last"})


class _Listing(msgspec.Struct):
    nftables: list[dict[str, msgspec.Raw]]


class _Place(msgspec.Struct):
    """Where a rule stands."""

    family: str
    table: str
    chain: str


def parse_nft_json(text: str, origin: str) -> tuple[Table, ...]:
    """The tables of one listing, in its order. Raises ListingError, with the line where the JSON breaks off."""
    reading = _Reading(origin)
    try:
        for entry in msgspec.json.decode(text, type=_Listing).nftables:
            for kind, raw in entry.items():
                reading.take(kind, raw)
    except msgspec.DecodeError as error:
        raise ListingError(_line_of(text), f"not a listing of nft: {error}") from error
    except RecursionError as error:
        raise ListingError(1, "not a listing of nft: nested too deep") from error
    return reading.done()


def _line_of(text: str) -> int:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.lineno
    except (ValueError, RecursionError):
        return 1
    return 1


class _Table:
    """A table while it is read."""

    def __init__(self, family: str, name: str) -> None:
        self.family = family
        self.name = name
        self.dormant = False
        self.unlisted = ""
        self.chains: dict[str, Mapping[str, object]] = {}
        self.rules: dict[str, list[tuple[int, str]]] = {}
        self.sets: dict[str, NamedSet] = {}
        self.written: set[str] = set()

    def done(self, origin: str) -> Table:
        for name in self.written & self.sets.keys():
            if self.sets[name].known:
                self.sets[name] = msgspec.structs.replace(self.sets[name], known=False, why="rules write it")
        return Table(
            family=self.family,
            name=self.name,
            origin=origin,
            dialect="nft",
            dormant=self.dormant,
            chains={name: self._chain(name, found) for name, found in self.chains.items()},
            sets=self.sets,
        )

    def _chain(self, name: str, found: Mapping[str, object]) -> Chain:
        hook, priority, device = string(found, "hook"), found.get("prio"), found.get("dev")
        devices = tuple(str(one) for one in device) if isinstance(device, list) else (str(device),) if device else ()
        unlisted = self.unlisted if hook else ""
        if hook in {"ingress", "egress"} and not devices:
            unlisted = "nft's JSON does not name its devices"
        return Chain(
            name=name,
            line=1,
            text=f"chain {name}",
            reader=json_reader_of(self.family),
            hook=hook,
            priority=priority if isinstance(priority, int) else 0,
            policy=(string(found, "policy") or "accept") if hook else "",
            kind=string(found, "type") or "filter",
            devices=devices,
            unlisted=unlisted,
            written=tuple(self.rules[name]),
        )


class _Reading:
    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._tables: dict[tuple[str, str], _Table] = {}

    def take(self, kind: str, raw: msgspec.Raw) -> None:
        if kind == "rule":
            self._rule(raw)
        elif kind in {"table", "chain", "set", "map", "meter"}:
            found = msgspec.json.decode(raw, type=dict[str, object])
            table = self._table(string(found, "family"), string(found, "name" if kind == "table" else "table"))
            if kind == "table":
                _take_flags(table, found.get("flags"))
            elif kind == "chain":
                table.chains[string(found, "name")] = found
                table.rules.setdefault(string(found, "name"), [])
            else:
                table.sets[string(found, "name")] = _set(found, table.family)

    def done(self) -> tuple[Table, ...]:
        return tuple(table.done(self._origin) for table in self._tables.values())

    def _table(self, family: str, name: str) -> _Table:
        """`nft -j list chain` names the table only in the chain."""
        if family not in _FAMILIES or not name:
            raise ListingError(1, f"not a table: {family} {name}")
        return self._tables.setdefault((family, name), _Table(family, name))

    def _rule(self, raw: msgspec.Raw) -> None:
        place = msgspec.json.decode(raw, type=_Place)
        table = self._table(place.family, place.table)
        if place.chain not in table.rules:
            raise ListingError(1, f"a rule of chain {place.chain}, which is not listed")
        text = bytes(raw).decode()
        table.rules[place.chain].append((1, text))
        if '"@' in text:
            table.written.update(_WRITTEN.findall(text))


def _take_flags(table: _Table, flags: object) -> None:
    words = [str(flag) for flag in flags] if isinstance(flags, list) else [str(flags)] if flags else []
    table.dormant = "dormant" in words
    strange = [word for word in words if word not in _FLAGS]
    if strange:
        table.unlisted = f"whether the table is dormant is not known: nft printed the flag {strange[0]!r}"


def _set(found: Mapping[str, object], family: str) -> NamedSet:
    flags = found.get("flags")
    changing = [flag for flag in flags if flag in {"dynamic", "timeout"}] if isinstance(flags, list) else []
    why = f"its contents change by themselves (flags {','.join(changing)})" if changing else ""
    statements = found.get("stmt")
    if isinstance(statements, list) and any(set(entry) - _NO_STATEMENTS for entry in statements):
        why = why or "its statements are not understood"
    elements: tuple[Element, ...] = ()
    kinds = None
    is_map = found.get("map") is not None
    try:
        kinds = _kinds(found.get("type"), family)
        elements = _elements(found.get("elem"), kinds, is_map)
    except (NotUnderstoodError, KeyError) as error:
        why = why or f"an element or its type is not understood: {error}"
    return named_set(string(found, "name"), kinds, elements, string(found, "map") == "verdict", why)


def _elements(found: object, kinds: tuple[Kind, ...], is_map: bool) -> tuple[Element, ...]:
    words: list[str] = []
    for element in found if isinstance(found, list) else []:
        words += [*(pair_words(element, kinds) if is_map else key_words(element, kinds)), ","]
    return read_elements(words) if words else ()


def _kinds(kind: object, family: str) -> tuple[Kind, ...]:
    """ "ipv4_addr", ["ipv4_addr", "inet_service"], {"typeof": {...}}."""
    if isinstance(kind, Mapping):
        return kinds_of(expression_words(kind.get("typeof")), family)
    return tuple(KINDS[str(name)] for name in (as_list(kind) if isinstance(kind, list) else [kind]))
