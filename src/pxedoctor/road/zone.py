"""Whether firewalld, as it runs now, lets a guest's packet into this host (firewalld 1.3, 2.3: nftables.py).

1. The zone is that of a source (0.0.0.0 for a DISCOVER), else of the interface, else the default zone.
2. In the zone: policies towards HOST of negative priority, rich rules of negative priority, denying rules, openings
   (services, ports, protocols, accepting rules), rich rules of positive priority, the other policies, the target.
3. The first that matches decides. Where it cannot be told whether one matches, every outcome from there on is followed;
   the fate is UNKNOWN unless they all agree.

What the rules themselves do, the road tells, in which firewalld's tables are walked like all others; here is why: which
zone's or policy's word it is. With FirewallBackend=iptables firewalld's chains hang in the same INPUT chain as
libvirt's, whose ACCEPT may come before them.
"""

from collections.abc import Iterator
from ipaddress import IPv4Network

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.firewalld import Firewalld, Opening, Policy, Service, Zone
from pxedoctor.model.host import Host
from pxedoctor.road.hop import Fate
from pxedoctor.road.rich_rule import (
    Match,
    Packet,
    RichRule,
    address_matches,
    all_of,
    any_of,
    matches,
    parse,
    port_matches,
    source_matches,
)

PORTS = {"dhcp": 67, "tftp": 69}

_ANYWHERE_BUT_HERE = IPv4Network("0.0.0.0/32")
_EVERYBODY = IPv4Network("255.255.255.255/32")
_CLIENT_PORT = 68


class ZoneFate(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of the packet and why. `zone` is the zone of the interface; `bound` False: it is only the default.

    `decided_by`: the zone's or policy's name whose word it is.
    """

    fate: Fate
    why: str
    zone: str
    bound: bool
    decided_by: str


class _Ruling(msgspec.Struct, frozen=True):
    match: Match
    fate: Fate
    text: str
    by: str


def in_zone(host: Host, firewalld: Firewalld, interface: str, service: str) -> ZoneFate:
    """What a running firewalld's zones and policies say, whatever else stands before them."""
    packet = _packet(host, interface, service)
    own = firewalld.zone_of(interface)
    name = own.name if own else firewalld.default_zone
    rulings = list(_dispatch(firewalld, interface, packet))
    if firewalld.state not in {"", "RUNNING"}:
        rulings = [_Ruling(Match.YES, Fate.UNKNOWN, f"firewalld says of itself {firewalld.state}", name)]
    possible = _possible(rulings)
    fates = {ruling.fate for ruling in possible}
    if len(fates) == 1:
        fate, why = possible[-1].fate, possible[-1].text
    else:
        doubts = "; ".join(dict.fromkeys(ruling.text for ruling in possible if ruling.match is Match.MAYBE))
        fate, why = Fate.UNKNOWN, f"whether this holds for the packet is not known: {doubts}"
    where = (
        f"{interface} is in zone {name}" if own else f"{interface} is in no zone, so the default zone {name} decides"
    )
    return ZoneFate(fate=fate, why=f"{where}: {why}", zone=name, bound=own is not None, decided_by=possible[-1].by)


def _packet(host: Host, interface: str, service: str) -> Packet:
    """A DISCOVER goes from 0.0.0.0 to everybody; a TFTP request from the guests' subnets to this host."""
    macs = None
    if not isinstance(host.domains, Missing):
        macs = frozenset(nic.mac.lower() for domain in host.domains for nic in domain.nics)
    if service == "dhcp":
        sources, destinations = (_ANYWHERE_BUT_HERE,), (_EVERYBODY,)
        return Packet(port=67, sources=sources, destinations=destinations, source_port=_CLIENT_PORT, macs=macs)
    link = host.link(interface)
    addresses = [entry for entry in (link.addresses if link else ()) if entry.family in {"inet", "ipv4"}]
    return Packet(
        port=PORTS[service],
        sources=tuple(IPv4Network((entry.address, entry.prefix), strict=False) for entry in addresses),
        destinations=tuple(IPv4Network(entry.address) for entry in addresses),
        macs=macs,
    )


def _possible(rulings: list[_Ruling]) -> list[_Ruling]:
    """Those that may decide: every MAYBE up to and with the first YES."""
    found: list[_Ruling] = []
    for ruling in rulings:
        if ruling.match is not Match.NO:
            found.append(ruling)
        if ruling.match is Match.YES:
            break
    return found


def _dispatch(firewalld: Firewalld, interface: str, packet: Packet) -> Iterator[_Ruling]:
    """The rulings of every zone that the packet may belong to."""
    own = firewalld.zone_of(interface)
    for zone in firewalld.zones:
        claim = any_of([source_matches(source, packet) for source in zone.sources])
        if claim is Match.NO:
            continue
        text = f"zone {zone.name} claims {', '.join(zone.sources)} before any interface"
        found = _possible(list(_in_zone(firewalld, zone, packet, Match.YES)))
        if own is not None and own.ingress_priority != zone.ingress_priority:
            claim, text = Match.MAYBE, f"{text}, and zones have priorities"
        for ruling in found:
            match = ruling.match if claim is Match.YES else Match.MAYBE
            yield msgspec.structs.replace(ruling, match=match, text=f"{text}: {ruling.text}")
    here = own or firewalld.zone(firewalld.default_zone)
    if here is None:
        why = "its settings are not known"
        yield _Ruling(Match.YES, Fate.UNKNOWN, why, firewalld.default_zone)
        return
    # A policy of the default zone reaches interfaces without a zone in some releases of firewalld only.
    yield from _in_zone(firewalld, here, packet, Match.YES if own else Match.MAYBE)


def _in_zone(firewalld: Firewalld, zone: Zone, packet: Packet, named: Match) -> Iterator[_Ruling]:
    """`named`: whether a policy that names this zone applies."""
    services = _services(firewalld, packet)
    towards_host = [policy for policy in firewalld.policies if "HOST" in policy.egress]
    towards_host.sort(key=lambda policy: policy.priority)
    for policy in towards_host:
        if policy.priority < 0:
            yield from _in_policy(policy, packet, services, _applies(policy, zone, named))
    yield from _rulings(zone, packet, services, f"zone {zone.name}")
    for policy in towards_host:
        if policy.priority >= 0:
            yield from _in_policy(policy, packet, services, _applies(policy, zone, named))
    yield _target(zone, f"zone {zone.name}")


def _applies(policy: Policy, zone: Zone, named: Match) -> Match:
    if "ANY" in policy.ingress:
        return Match.YES
    return named if zone.name in policy.ingress else Match.NO


def _in_policy(policy: Policy, packet: Packet, services: dict[str, Match], applies: Match) -> Iterator[_Ruling]:
    found = [*_rulings(policy, packet, services, f"policy {policy.name}")]
    if policy.target != "CONTINUE":
        found.append(_target(policy, f"policy {policy.name}"))
    for ruling in found:
        yield msgspec.structs.replace(ruling, match=all_of([ruling.match, applies]))


def _target(opening: Opening, where: str) -> _Ruling:
    if opening.target == "ACCEPT":
        return _Ruling(Match.YES, Fate.PASS, f"{where} accepts what nothing in it refuses", opening.name)
    return _Ruling(Match.YES, Fate.DROP, f"{where} has no opening for it (target {opening.target})", opening.name)


def _rulings(opening: Opening, packet: Packet, services: dict[str, Match], where: str) -> Iterator[_Ruling]:
    """In the order of firewalld's chains _pre, _deny, _allow, _post (firewall/core/nftables.py)."""
    rules = [parse(text) for text in opening.rich_rules]
    before = [rule for rule in rules if rule.priority < 0]
    denying = [rule for rule in rules if rule.priority == 0 and rule.action != "accept"]
    accepting = [rule for rule in rules if rule.priority == 0 and rule.action == "accept"]
    after = [rule for rule in rules if rule.priority > 0]
    for port in opening.forward_ports:
        text = f"{where} forwards port {port[0]}/{port[1]} elsewhere"
        yield _Ruling(port_matches(port, packet.port), Fate.UNKNOWN, text, opening.name)
    for group in (before, denying):
        yield from _by_rules(group, packet, services, opening.name)
    yield from _by_openings(opening, packet, services, where)
    for group in (accepting, after):
        yield from _by_rules(group, packet, services, opening.name)


def _by_rules(rules: list[RichRule], packet: Packet, services: dict[str, Match], by: str) -> Iterator[_Ruling]:
    for rule in sorted(rules, key=lambda rule: rule.priority):
        match = matches(rule, packet, services)
        if match is Match.YES and any(_rivals(rule, other, packet, services) for other in rules):
            match = Match.MAYBE
        text = f"rich rule of {by}: {rule.text}"
        if rule.action == "accept" or not rule.understood:
            yield _Ruling(match, Fate.PASS, text, by)
        if rule.action in {"reject", "drop"} or not rule.understood:
            yield _Ruling(match, Fate.DROP, text, by)


def _rivals(rule: RichRule, other: RichRule, packet: Packet, services: dict[str, Match]) -> bool:
    """Among accepting and refusing rules of one priority the order is not defined (firewalld.richlanguage(5))."""
    opposite = other.action != "" and (other.action == "accept") is not (rule.action == "accept")
    return opposite and other.priority == rule.priority and matches(other, packet, services) is not Match.NO


def _by_openings(opening: Opening, packet: Packet, services: dict[str, Match], where: str) -> Iterator[_Ruling]:
    for name in opening.services:
        text = f"{where} lets service {name} in"
        yield _Ruling(services.get(name, Match.MAYBE), Fate.PASS, text, opening.name)
    for port in opening.ports:
        yield _Ruling(port_matches(port, packet.port), Fate.PASS, f"{where} opens {port[0]}/{port[1]}", opening.name)
    for port in opening.source_ports:
        text = f"{where} lets source port {port[0]}/{port[1]} in"
        yield _Ruling(port_matches(port, packet.source_port), Fate.PASS, text, opening.name)
    if any(protocol in {"udp", "17"} for protocol in opening.protocols):
        yield _Ruling(Match.YES, Fate.PASS, f"{where} lets protocol udp in", opening.name)


def _services(firewalld: Firewalld, packet: Packet) -> dict[str, Match]:
    """Which services cover the packet. dhcp and tftp are known even where their files could not be read."""
    known = {name: Match.YES if port == packet.port else Match.NO for name, port in PORTS.items()}
    known |= {service.name: _covers(service, packet) for service in firewalld.services}
    return known | {
        service.name: any_of([known.get(name, Match.MAYBE) for name in _with_included(firewalld, service.name)])
        for service in firewalld.services
    }


def _with_included(firewalld: Firewalld, name: str) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        service = firewalld.service(waiting[-1])
        found.add(waiting.pop())
        waiting += [other for other in (service.includes if service else ()) if other not in found]
    return found


def _covers(service: Service, packet: Packet) -> Match:
    found = any_of(
        [
            *(port_matches(port, packet.port) for port in service.ports),
            *(port_matches(port, packet.source_port) for port in service.source_ports),
            *(Match.YES for protocol in service.protocols if protocol in {"udp", "17"}),
        ]
    )
    if not service.destinations:
        return found
    return all_of([found, any_of([address_matches(to, packet.destinations) for to in service.destinations])])
