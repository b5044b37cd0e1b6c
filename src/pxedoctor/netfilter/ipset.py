"""`ipset save` (and `ipset list -o save`) text to sets, and what an iptables rule that names one means.

1. A listing is `create NAME TYPE options` and `add NAME element options`; anything else is a ListingError.
2. A set whose contents the text does not tell for certain (timeouts, exceptions, types that are not modelled) is not
   known, and says why.
3. Semantics: ipset(8), net/netfilter/ipset/ip_set_*.c.
"""

from collections.abc import Callable

import msgspec

from pxedoctor.netfilter.condition import Always, Member, Part, Unmodelled
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.saved_values import PROTOCOL_NUMBERS, Ip, mac, network, whole
from pxedoctor.netfilter.saved_words import words_of
from pxedoctor.netfilter.syntax import Kind, ListingError, NamedSet

# What an element consists of, in ipset's own words; `port` is protocol and port unless the set is of ports alone.
_TYPES: dict[str, tuple[str, ...]] = {
    "hash:ip": ("ip",),
    "hash:net": ("ip",),
    "hash:mac": ("mac",),
    "hash:ip,mac": ("ip", "mac"),
    "hash:ip,mark": ("ip", "mark"),
    "hash:ip,port": ("ip", "port"),
    "hash:ip,port,ip": ("ip", "port", "ip"),
    "hash:ip,port,net": ("ip", "port", "ip"),
    "hash:net,port": ("ip", "port"),
    "hash:net,net": ("ip", "ip"),
    "hash:net,port,net": ("ip", "port", "ip"),
    "hash:net,iface": ("ip", "device"),
    "bitmap:ip": ("ip",),
    "bitmap:ip,mac": ("ip", "mac"),
    "bitmap:port": ("port alone",),
}
_WITH_PORTS = frozenset({"tcp", "udp", "sctp", "udplite"})


def parse_ipset(text: str) -> dict[str, NamedSet]:
    """The sets by name. Raises ListingError."""
    sets: dict[str, _Reading] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        words = _words(line, number)
        if not words or words[0].startswith("#"):
            continue
        if len(words) < 3 or words[0] not in ("create", "add"):
            raise ListingError(number, f"neither a set nor an element: {line[:60]}")
        name = words[1]
        if words[0] == "create":
            if name in sets:
                raise ListingError(number, f"set {name} is created twice")
            sets[name] = _Reading(name, words[2], words[3:], line)
        elif name not in sets:
            raise ListingError(number, f"an element of set {name}, which is not created")
        else:
            sets[name].add(words[2], words[3:])
    return {name: reading.named() for name, reading in sets.items()}


def _words(line: str, number: int) -> list[str]:
    try:
        return words_of(line)
    except ValueError as error:
        raise ListingError(number, str(error)) from error


class _Reading:
    """One set while its elements come in."""

    def __init__(self, name: str, kind: str, options: list[str], text: str) -> None:
        self._name, self._text = name, text
        values = dict(zip(options[::2], options[1::2], strict=False))
        self._family: Ip = "ip6" if values.get("family") == "inet6" else "ip"
        self._netmask = f"/{values['netmask']}" if "netmask" in options and "netmask" in values else ""
        self._parts = _TYPES.get(kind, ())
        self._elements: list[tuple[Part, ...]] = []
        self._why = "" if self._parts else f"sets of type {kind} are not modelled"
        if "timeout" in options:
            self._why = "its elements time out"
        elif not {"bitmask", "markmask"}.isdisjoint(options):
            self._why = "its elements are compared under a mask"

    def add(self, element: str, options: list[str]) -> None:
        if self._why:
            return
        if "nomatch" in options:
            self._why = "it has exceptions (nomatch)"
            return
        pieces = element.split(",")
        try:
            if len(pieces) != len(self._parts):
                raise ValueError(f"{len(pieces)} parts")
            read = [self._part(part, piece) for part, piece in zip(self._parts, pieces, strict=True)]
        except ValueError:
            self._why = f"its element {element[:60]} is not modelled"
            return
        found = tuple(each for parts in read for each in parts)
        wildcard = "wildcard" in options and isinstance(found[-1][0], str)
        self._elements.append((*found[:-1], (str(found[-1][0]), True)) if wildcard else found)

    def _part(self, part: str, piece: str) -> tuple[Part, ...]:
        if part == "ip":
            values, mask = network(piece + self._netmask, self._family)
            if mask is not None:
                raise ValueError(piece)
            return (values,)
        return _PARTS[part](piece)

    def named(self) -> NamedSet:
        kinds = tuple(kind for part in self._parts for kind in self._kinds(part))
        return NamedSet(
            name=self._name,
            kinds=kinds,
            elements=() if self._why else tuple(self._elements),
            known=not self._why,
            why=self._why,
            text=self._text,
        )

    def _kinds(self, part: str) -> tuple[Kind, ...]:
        if part == "ip":
            return (self._family,)
        return _KINDS[part]


def _device(piece: str) -> tuple[Part, ...]:
    if piece.startswith("physdev:"):
        raise ValueError(piece)
    return ((piece, False),)


def _port(piece: str) -> tuple[Part, ...]:
    """ "udp:67"; of ICMP it is a type and a code, of others nothing: those are not modelled."""
    name, colon, number = piece.partition(":")
    if not colon or name not in _WITH_PORTS:
        raise ValueError(piece)
    protocol = PROTOCOL_NUMBERS[name]
    return ((protocol, protocol), _number(number, 0xFFFF))


def _number(piece: str, top: int) -> Part:
    number = whole(piece, top)
    return (number, number)


def _mac(piece: str) -> tuple[Part, ...]:
    number = mac(piece)
    return ((number, number),)


_PARTS: dict[str, Callable[[str], tuple[Part, ...]]] = {
    "mac": _mac,
    "mark": lambda piece: (_number(piece, 0xFFFFFFFF),),
    "port": _port,
    "port alone": lambda piece: (_number(piece, 0xFFFF),),
    "device": _device,
}
_KINDS: dict[str, tuple[Kind, ...]] = {
    "mac": ("mac",),
    "mark": ("mark",),
    "port": ("protocol", "port"),
    "port alone": ("port",),
    "device": ("device",),
}

_SOURCE: dict[Kind, Field] = {
    "ip": Field.SOURCE4,
    "ip6": Field.SOURCE6,
    "port": Field.SOURCE_PORT,
    "mac": Field.MAC_SOURCE,
    "device": Field.IN_NAME,
    "mark": Field.MARK,
}
# Kernels differ about a set's destination MAC (ip_set_hash_mac.c): it is not here.
_DESTINATION: dict[Kind, Field] = {
    "ip": Field.DESTINATION4,
    "ip6": Field.DESTINATION6,
    "port": Field.DESTINATION_PORT,
    "device": Field.OUT_NAME,
    "mark": Field.MARK,
}


def meant(member: Member, named: NamedSet) -> Member | Always | Unmodelled:
    """An iptables rule's `--match-set` with the fields that the set's type makes of its directions.

    A set of another family, or of more dimensions than there are directions, is never met (ip_set_core.c ip_set_test).
    """
    wanted = tuple(kind for kind in named.kinds if kind != "protocol")
    family: Ip = "ip" if member.fields[0] in (Field.SOURCE4, Field.DESTINATION4) else "ip6"
    if not wanted or not named.known:
        return Unmodelled(member.text)
    if len(member.fields) < len(wanted) or {"ip", "ip6"} & set(wanted) - {family}:
        return Always(member.negated, member.text)
    directions = iter(member.fields)
    fields: list[Field] = []
    for kind in named.kinds:
        if kind == "protocol":
            fields.append(Field.PROTOCOL)
            continue
        ends = _SOURCE if next(directions) in (Field.SOURCE4, Field.SOURCE6) else _DESTINATION
        if kind not in ends:
            return Unmodelled(member.text)
        fields.append(ends[kind])
    return msgspec.structs.replace(member, fields=tuple(fields))
