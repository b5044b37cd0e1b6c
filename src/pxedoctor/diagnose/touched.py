"""Whether a change can be different for a target, from what is known of the target. When in doubt: it can.

A rule that came or went is nothing to a target if no packet of its roads can meet it, wherever on its way, and if it
speaks of nothing that is the target's: then every walk is step by step as before. A target with a doubt or a fault
about rules is looked at again whatever changes among them: checks then walk roads that nobody has walked before.
"""

import msgspec

from pxedoctor.diagnose.changed import Change, ChangedRule
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.target import Target
from pxedoctor.netfilter.condition import Answer, Member
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.seen import Family, Marks, Packet, Place, Seen

# DNS, DHCP, TFTP, HTTP, HTTPS, DHCPv6, ProxyDHCP.
_OF_A_BOOT = frozenset({53, 67, 68, 69, 80, 443, 546, 547, 4011})

Shown = tuple[tuple[Packet, Place], ...]

# Other rules write these on the way, or may: what they are when the rule is met is not known here.
_MARKS = Marks(None, None, None, None, frozenset({Field.TTL}))
_FAMILIES: dict[str, frozenset[Family]] = {
    "ip": frozenset({Family.IP}),
    "ip6": frozenset({Family.IP6}),
    "inet": frozenset({Family.IP, Family.IP6, Family.NETDEV}),
    "arp": frozenset({Family.ARP}),
    "bridge": frozenset({Family.BRIDGE}),
    "netdev": frozenset({Family.NETDEV}),
}


class Concern(msgspec.Struct, frozen=True, kw_only=True):
    """What a target has to do with rules. `shown`: what its roads have shown to them. `words`: names and subnets that
    are its own. `clear`: no rule ends, or may end, a packet of it, and nothing that is amiss with it has to do with
    rules."""

    shown: Shown
    words: frozenset[str]
    clear: bool


def touches(change: Change, concern: Concern) -> bool:
    """Of rules, plugged guests and sockets; other facts are for the caller to look at."""
    if change.everything or _plugged(change.bridges, concern) or _opened(change.ports, concern):
        return True
    return (change.relisted and not concern.clear) or any(_touches(rule, concern) for rule in change.rules)


def _plugged(bridges: frozenset[str], concern: Concern) -> bool:
    """It is on one of these bridges, its packets pass one, or there is a doubt about it."""
    if not bridges:
        return False
    if not concern.clear or not bridges.isdisjoint(concern.words):
        return True
    return any(_passes(place, bridges) for _, place in concern.shown)


def _passes(place: Place, bridges: frozenset[str]) -> bool:
    """Of a routed packet the other device may not be known: that may be any bridge."""
    devices = (place.in_device, place.out_device)
    routed = place.family in {Family.IP, Family.IP6}
    return any(name in bridges for name in (*devices, place.bridge)) or (routed and None in devices)


def _opened(ports: frozenset[int], concern: Concern) -> bool:
    """One of its packets comes from such a port or goes there, or a boot may need it."""
    if not ports:
        return False
    ends = (port for packet, _ in concern.shown for port in (packet.source_port, packet.destination_port))
    return not ports.isdisjoint(_OF_A_BOOT) or any(port in ports for port in ends)


def _touches(changed: ChangedRule, concern: Concern) -> bool:
    if any(word in changed.rule.text for word in concern.words):
        return True
    families = _FAMILIES[changed.family]
    guards = [guard for guard in changed.rule.guards if not isinstance(guard, Member)]
    seen = (Seen(packet, place, _MARKS) for packet, place in concern.shown if place.family in families)
    return any(all(guard.meets(one) is not Answer.NO for guard in guards) for one in seen)


def words_of(host: Host, target: Target) -> frozenset[str]:
    """By which a rule can speak of a target without one of its packets ever meeting it."""
    network = host.network(target.network) if target.network else None
    subnets = network.subnets if network else ()
    bridge = host.bridge(target.bridge) if target.bridge else None
    ports = [port.name for port in bridge.ports] if bridge else []
    links = {} if isinstance(host.links, Missing) else {link.name: link for link in host.links}
    own = [link for name in (target.bridge, target.tap) if name and (link := links.get(name)) is not None]
    addresses = [(address.address, address.prefix) for link in own for address in link.addresses]
    addresses += [(subnet.address, subnet.prefix) for subnet in subnets]
    parts = (_network_part(address, prefix) for address, prefix in addresses)
    return frozenset(word for word in (target.bridge, target.tap, *ports, *parts) if word)


def _network_part(address: str, prefix: int) -> str:
    """What the address and the name of its subnet begin with: too short rather than too long."""
    separator, bits = (":", 16) if ":" in address else (".", 8)
    return separator.join(address.split(separator)[: max(1, min(3, prefix // bits))]) + separator
