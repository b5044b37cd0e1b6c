"""Guests that were started or shut off between two looks at a host: into which bridges they were plugged, or out of
which, where nothing else is different about devices and guests.

1. Only taps came, went or changed, their bridges with them, and what the kernel gives each link of its own: link-local
   addresses and their routes. No guest was defined or removed, and none has other NICs than before.
2. Each of these bridges is an island: nothing but taps is plugged into it, it is in no other bridge, no VLAN or other
   device sits on it. What is plugged into an island nobody else can meet but by this host's routing.
3. No rule of nft's own asks for a device by its number: a number that is another device's now may be anybody's.
"""

from collections.abc import Iterable

import msgspec

from pxedoctor.model.bridge import Bridge
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Domain
from pxedoctor.model.link import Counters, Link
from pxedoctor.model.route import Route

# What is different when a guest starts, besides its processes and sockets.
OF_A_START = frozenset({"links", "bridges", "domains", "traffic_control", "offloads", "routes"})
_OF_THE_LINK = ("fe80:", "ff00:")
_BY_NUMBER = (" iif ", " oif ", "\tiif ", "\toif ")


def plugged(before: Host, after: Host) -> frozenset[str] | None:
    """None where more is different, or may be."""
    both = (before, after)
    if any(isinstance(getattr(host, fact), Missing) for host in both for fact in OF_A_START) or _by_number(after):
        return None
    taps = _taps(before, after)
    if taps is None or not _same_guests(before, after):
        return None
    masters = {link.master for host in both for link in _links(host).values() if link.name in taps and link.master}
    guests = {name for host in both for domain in _started(before, after) for name in _bridges_of(host, domain)}
    changed = _changed({one.name: one for one in _bridges(before)}, {one.name: one for one in _bridges(after)})
    concerned = frozenset({*masters, *guests, *changed, *(_changed_bridge_links(before, after))})
    if not all(_is_island(host, name) for host in both for name in concerned):
        return None
    return concerned if _only_of(before, after, {*taps, *concerned}) else None


def _links(host: Host) -> dict[str, Link]:
    """Without what each link has of its own."""
    links = () if isinstance(host.links, Missing) else host.links
    return {
        link.name: msgspec.structs.replace(
            link,
            counters=Counters(),
            addresses=tuple(one for one in link.addresses if not one.address.startswith(_OF_THE_LINK)),
        )
        for link in links
    }


def _bridges(host: Host) -> tuple[Bridge, ...]:
    return () if isinstance(host.bridges, Missing) else host.bridges


def _changed(before: dict[str, object], after: dict[str, object]) -> set[str]:
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def _taps(before: Host, after: Host) -> set[str] | None:
    """The taps that are different; None where another device is, but for a bridge whose carrier came or went."""
    old, new = _links(before), _links(after)
    found = set()
    for name in _changed({**old}, {**new}):
        versions = [link for links in (old, new) if (link := links.get(name)) is not None]
        if all(link.is_tap and link.master and not link.addresses and not link.xdp for link in versions):
            found.add(name)
        elif len(versions) != 2 or not _is_bridge_alike(before, versions[0], versions[1]):
            return None
    return found


def _is_bridge_alike(host: Host, old: Link, new: Link) -> bool:
    """A bridge takes its carrier, and may take its MAC, from its ports (net/bridge/br_stp_if.c, br_if.c)."""
    return host.bridge(old.name) is not None and msgspec.structs.replace(new, carrier=old.carrier, mac=old.mac) == old


def _changed_bridge_links(before: Host, after: Host) -> set[str]:
    old, new = _links(before), _links(after)
    return {name for name in _changed({**old}, {**new}) if before.bridge(name) is not None}


def _same_guests(before: Host, after: Host) -> bool:
    """Whoever is no such guest asks only which guests there are, and where their NICs are plugged in."""
    return [_known_by(one) for one in _domains(before)] == [_known_by(one) for one in _domains(after)]


def _known_by(domain: Domain) -> tuple[object, ...]:
    return domain.name, [(nic.mac, nic.kind, nic.source) for nic in domain.nics]


def _domains(host: Host) -> tuple[Domain, ...]:
    return () if isinstance(host.domains, Missing) else host.domains


def _started(before: Host, after: Host) -> Iterable[Domain]:
    pairs = zip(_domains(before), _domains(after), strict=True)
    return (one for old, new in pairs if old != new for one in (old, new))


def _bridges_of(host: Host, domain: Domain) -> set[str]:
    return {name for nic in domain.nics if (name := host.bridge_of(nic)) is not None}


def _is_island(host: Host, name: str) -> bool:
    links, bridge = _links(host), host.bridge(name)
    if bridge is None or name not in links or links[name].master is not None:
        return False
    sits_on_it = any(link.lower == name for link in links.values())
    return not sits_on_it and all(port.name in links and links[port.name].is_tap for port in bridge.ports)


def _only_of(before: Host, after: Host, devices: set[str]) -> bool:
    """Whether what is known by device differs only for these."""
    for fact in ("traffic_control", "offloads"):
        kept = [[one for one in getattr(host, fact) if one.device not in devices] for host in (before, after)]
        if kept[0] != kept[1]:
            return False
    return _routes(before, devices) == _routes(after, devices)


def _routes(host: Host, devices: set[str]) -> list[Route]:
    routes = () if isinstance(host.routes, Missing) else host.routes
    return [one for one in routes if one.device not in devices or not one.destination.startswith(_OF_THE_LINK)]


def _by_number(host: Host) -> bool:
    listings = () if isinstance(host.netfilter, Missing) else host.netfilter.listings
    native = (listing.text for listing in listings if listing.dialect.startswith("nft"))
    return any(word in text for text in native for word in _BY_NUMBER)
