"""firewalld's rich rules (firewalld.richlanguage(5)), as far as they can matter to a packet to a UDP port of this host.

A rule becomes conditions, each answered YES, NO or MAYBE for a packet, and an action. What is not understood is MAYBE.
"""

import shlex
from enum import StrEnum
from ipaddress import IPv4Network

import msgspec

from pxedoctor.model.firewalld import PortSpec


class Match(StrEnum):
    """Whether a condition holds for a packet. MAYBE: the facts do not tell."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


class Packet(msgspec.Struct, frozen=True, kw_only=True):
    """A UDP packet to a port of this host. Empty `sources` or `destinations`: where from or to is not known.

    `macs`: the MACs of the guests it may come from; None where they are not known.
    """

    port: int
    sources: tuple[IPv4Network, ...]
    destinations: tuple[IPv4Network, ...]
    source_port: int | None = None
    macs: frozenset[str] | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One word of the language with its attributes: source NOT address="10.0.0.0/8"."""

    word: str
    inverted: bool = False
    attributes: dict[str, str] = {}


class RichRule(msgspec.Struct, frozen=True, kw_only=True):
    """`action` is accept, reject, drop, or "" for a rule that only logs or marks; `understood` False: MAYBE."""

    text: str
    priority: int = 0
    action: str = ""
    understood: bool = True
    parts: tuple[Part, ...] = ()


_ACTIONS = ("accept", "reject", "drop", "mark")
# Elements that decide about other packets, or do not decide at all.
_OTHER_ELEMENTS = ("icmp-block", "icmp-type", "tcp-mss-clamp")


def all_of(matches: list[Match]) -> Match:
    if Match.NO in matches:
        return Match.NO
    return Match.MAYBE if Match.MAYBE in matches else Match.YES


def any_of(matches: list[Match]) -> Match:
    if Match.YES in matches:
        return Match.YES
    return Match.MAYBE if Match.MAYBE in matches else Match.NO


def inverse(match: Match) -> Match:
    return {Match.YES: Match.NO, Match.NO: Match.YES, Match.MAYBE: Match.MAYBE}[match]


def parse(text: str) -> RichRule:
    try:
        words = shlex.split(text)
    except ValueError:
        return RichRule(text=text, understood=False)
    parts: list[Part] = []
    for token in words:
        name, equals, value = token.partition("=")
        if equals and parts:
            changed = {"attributes": parts[-1].attributes | {name: value}}
            parts[-1] = msgspec.structs.replace(parts[-1], **changed)
        elif token.upper() == "NOT" and parts:
            parts[-1] = msgspec.structs.replace(parts[-1], inverted=True)
        else:
            parts.append(Part(word=token))
    if not parts or parts[0].word != "rule":
        return RichRule(text=text, understood=False)
    priority = parts[0].attributes.get("priority", "0")
    action = next((part.word for part in parts if part.word in _ACTIONS), "")
    return RichRule(
        text=text,
        priority=int(priority) if priority.lstrip("-").isdecimal() else 0,
        action="" if action == "mark" else action,
        parts=tuple(parts),
    )


def matches(rule: RichRule, packet: Packet, services: dict[str, Match]) -> Match:
    """Whether the rule's action is taken for the packet. `services`: which of the known ones cover it."""
    if not rule.understood:
        return Match.MAYBE
    conditions: list[Match] = []
    seen_action = False
    for part in rule.parts:
        if part.word in _ACTIONS:
            seen_action = True
        elif part.word == "limit":
            # A limited action lets some through; a limited log says nothing about the packet.
            conditions += [Match.MAYBE] if seen_action else []
        else:
            conditions.append(_part_matches(part, packet, services))
    return all_of(conditions)


def _part_matches(part: Part, packet: Packet, services: dict[str, Match]) -> Match:
    value = part.attributes
    match part.word:
        case "rule":
            return Match.NO if value.get("family") == "ipv6" else Match.YES
        case "log" | "audit" | "nflog":
            return Match.YES
        case "source":
            found = source_matches(value.get("address") or value.get("mac") or f"ipset:{value.get('ipset')}", packet)
            return inverse(found) if part.inverted else found
        case "destination":
            found = address_matches(value.get("address", ""), packet.destinations)
            return inverse(found) if part.inverted else found
        case "service":
            return services.get(value.get("name", ""), Match.MAYBE)
        case "port":
            return port_matches((value.get("port", ""), value.get("protocol", "")), packet.port)
        case "source-port":
            return port_matches((value.get("port", ""), value.get("protocol", "")), packet.source_port)
        case "protocol":
            return Match.YES if value.get("value") in {"udp", "17"} else Match.NO
        case word if word in _OTHER_ELEMENTS:
            return Match.NO
        case _:
            return Match.MAYBE


def port_matches(spec: PortSpec, port: int | None) -> Match:
    first, _, last = spec[0].partition("-")
    if spec[1] != "udp":
        return Match.NO
    if port is None or not first.isdecimal() or not (last or first).isdecimal():
        return Match.MAYBE
    return Match.YES if int(first) <= port <= int(last or first) else Match.NO


def source_matches(source: str, packet: Packet) -> Match:
    """A zone's or a rule's source: an address or network, a MAC, or ipset:NAME (its members are not collected)."""
    if source.startswith("ipset:"):
        return Match.MAYBE
    if _is_mac(source):
        if packet.macs is None:
            return Match.MAYBE
        return Match.MAYBE if source.lower() in packet.macs else Match.NO
    return address_matches(source, packet.sources)


def _is_mac(text: str) -> bool:
    pairs = text.split(":")
    return len(pairs) == 6 and all(len(pair) == 2 for pair in pairs)


def address_matches(address: str, candidates: tuple[IPv4Network, ...]) -> Match:
    if ":" in address:
        return Match.NO
    try:
        network = IPv4Network(address, strict=False)
    except ValueError:
        return Match.MAYBE
    if not candidates:
        return Match.MAYBE
    if all(candidate.subnet_of(network) for candidate in candidates):
        return Match.YES
    return Match.MAYBE if any(candidate.overlaps(network) for candidate in candidates) else Match.NO
