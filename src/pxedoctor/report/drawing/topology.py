"""The host as guests see it: who is plugged into which bridge, what lies behind it, and where packets die.

An island is one bridge with its plugs on one side and, on the other, this host's own stack with its servers and the
ports that lead out. A break has one number in the whole picture: that of its finding, in the report's order.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Literal

import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.bridge import Bridge, Stp
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.target import Target
from pxedoctor.report.drawing.mark import Mark, of_fate, of_verdict
from pxedoctor.road.answering import ServerKind, servers_of
from pxedoctor.road.hop import RoadHop
from pxedoctor.road.tree import outward_ports
from pxedoctor.verdict.report import Report, TargetVerdict, Verdict


class Place(StrEnum):
    GUEST = "guest"
    PORT = "port"
    BRIDGE = "bridge"
    STACK = "stack"
    SERVER = "server"
    UPLINK = "uplink"


_PLACES = {
    Hop.NIC: Place.GUEST,
    Hop.DELIVERY: Place.GUEST,
    Hop.CLIENT: Place.GUEST,
    Hop.TAP: Place.PORT,
    Hop.INGRESS: Place.PORT,
    Hop.PORT: Place.PORT,
    Hop.ADMISSION: Place.PORT,
    Hop.EXIT: Place.PORT,
    Hop.UPLINK: Place.UPLINK,
    Hop.SERVER: Place.SERVER,
    Hop.PREROUTING: Place.STACK,
    Hop.FORWARD: Place.STACK,
    Hop.ROUTE: Place.STACK,
    Hop.INPUT: Place.STACK,
    Hop.OUTPUT: Place.STACK,
    Hop.POSTROUTING: Place.STACK,
}


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """Where packets of `targets` die (BAD), or from where on nobody can tell (DOUBT). `hop`: in the road's words."""

    number: int
    place: Place
    mark: Mark
    hop: str
    words: str
    targets: tuple[str, ...]


class Plug(msgspec.Struct, frozen=True, kw_only=True):
    """One NIC at a bridge, or the next one that is plugged in there. `state`: of its port now, "" where it has none.

    `breaks`: their numbers at the guest itself, `port_breaks` at the port that it is plugged into.
    """

    name: str
    mac: str
    tap: str
    state: str
    mark: Mark
    breaks: tuple[int, ...] = ()
    port_breaks: tuple[int, ...] = ()


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """What lies behind the bridge. `behind`: reached through this host's own stack."""

    kind: Literal["stack", "server", "uplink"]
    title: str
    notes: tuple[str, ...]
    breaks: tuple[int, ...] = ()


class Island(msgspec.Struct, frozen=True, kw_only=True):
    """`bridge` "" for what is in no bridge. `others`: plugged in, not asked about. `reached`: packets get past it."""

    bridge: str
    notes: tuple[str, ...]
    plugs: tuple[Plug, ...]
    boxes: tuple[Box, ...]
    breaks: tuple[int, ...] = ()
    others: int = 0
    reached: bool = True


class Topology(msgspec.Struct, frozen=True, kw_only=True):
    islands: tuple[Island, ...]
    breaks: tuple[Break, ...]


def topology(report: Report, host: Host) -> Topology:
    """The islands of all targets, the most broken first."""
    breaks = (*_of_findings(report), *_of_roads(report))
    groups: dict[str, list[TargetVerdict]] = {}
    for entry in sorted(report.targets, key=lambda entry: _ORDER.index(entry.verdict)):
        groups.setdefault(entry.target.bridge or "", []).append(entry)
    islands = tuple(_island(name, entries, host, breaks) for name, entries in groups.items())
    return Topology(islands=islands, breaks=breaks)


_ORDER = (Verdict.BROKEN, Verdict.UNKNOWN, Verdict.HEALTHY)


def _of_findings(report: Report) -> Iterator[Break]:
    broken = (f.finding for f in report.findings if f.finding.broken.severity == "broken")
    for number, finding in enumerate(broken, 1):
        yield Break(
            number=number,
            place=_PLACES.get(finding.broken.hop, Place.BRIDGE),
            mark=Mark.BAD,
            hop=finding.broken.hop.value,
            words=finding.broken.headline,
            targets=finding.targets,
        )


def _of_roads(report: Report) -> Iterator[Break]:
    """Of targets that no finding explains: the place at which their road ends, once for all that share it."""
    broken = [f.finding for f in report.findings if f.finding.broken.severity == "broken"]
    told = {target for finding in broken for target in finding.targets}
    ends: dict[tuple[RoadHop, Mark], list[str]] = {}
    for entry in report.targets:
        hop = report.telling(entry).decisive
        if entry.target.id not in told and entry.verdict is not Verdict.HEALTHY and hop is not None:
            ends.setdefault((hop, of_fate(hop.fate)), []).append(entry.target.id)
    for number, ((hop, mark), targets) in enumerate(ends.items(), len(broken) + 1):
        place = _PLACES.get(hop.hop, Place.BRIDGE)
        words = hop.witness if hop.fate is not hop.predicted else hop.why
        yield Break(number=number, place=place, mark=mark, hop=hop.hop.value, words=words, targets=tuple(targets))


def _island(name: str, entries: list[TargetVerdict], host: Host, breaks: tuple[Break, ...]) -> Island:
    bridge = host.bridge(name) if name else None
    ids = {entry.target.id for entry in entries}
    here = {place: _numbers(breaks, place, ids) for place in Place}
    plugs = tuple(_plug(entry, bridge, breaks) for entry in entries)
    taps = {plug.tap for plug in plugs}
    uplinks = outward_ports(host, bridge) if bridge else ()
    ports = {port.name for port in bridge.ports} if bridge else set[str]()
    before = {n for place in (Place.GUEST, Place.PORT, Place.BRIDGE) for n in here[place]}
    stopped = {target for entry in breaks if entry.number in before for target in entry.targets}
    return Island(
        bridge=name,
        notes=_bridge_notes(name, bridge, host),
        plugs=plugs,
        boxes=tuple(_boxes(entries[0].target, bridge, host, here)),
        breaks=here[Place.BRIDGE],
        others=len(ports - taps - set(uplinks)),
        reached=bool(ids - stopped),
    )


def _numbers(breaks: tuple[Break, ...], place: Place, ids: set[str]) -> tuple[int, ...]:
    return tuple(entry.number for entry in breaks if entry.place is place and ids & set(entry.targets))


def _plug(entry: TargetVerdict, bridge: Bridge | None, breaks: tuple[Break, ...]) -> Plug:
    target = entry.target
    port = bridge.port(target.tap) if bridge and target.tap else None
    ids = {target.id}
    name, tap = _names(target)
    return Plug(
        name=name,
        mac=target.mac or ("no libvirt guest" if target.kind == "tap" else ""),
        tap=tap,
        state=port.state.name.lower() if port else "",
        mark=of_verdict(entry.verdict),
        breaks=_numbers(breaks, Place.GUEST, ids),
        port_breaks=_numbers(breaks, Place.PORT, ids),
    )


def _names(target: Target) -> tuple[str, str]:
    """Of what is plugged in; for a bridge or network itself, of a guest that would start on it."""
    match target.kind:
        case "nic":
            return target.guest or "", target.tap or ("no tap now" if target.running else "shut off")
        case "tap":
            return target.tap or "", target.tap or ""
        case _:
            return "any guest that starts here", "its new port"


def _bridge_notes(name: str, bridge: Bridge | None, host: Host) -> tuple[str, ...]:
    network = host.network_on(name) if name else None
    notes = [f"network {network.name}" + ("" if network.active else ", not active")] if network else []
    if bridge is None:
        return (*notes, "does not exist now") if name else ("in no bridge",)
    if bridge.stp is Stp.OFF:
        notes.append("STP off")
    else:
        notes.append(f"STP on: a new port is silent for {2 * bridge.forward_delay:g} s")
    return (*notes, *(["filters VLANs"] if bridge.vlan_filtering else []))


def _boxes(target: Target, bridge: Bridge | None, host: Host, here: dict[Place, tuple[int, ...]]) -> Iterator[Box]:
    if bridge is None:
        return
    yield Box(kind="stack", title="this host", notes=_stack_notes(bridge, host), breaks=here[Place.STACK])
    outside = outward_ports(host, bridge)
    servers = servers_of(host, bridge, target)
    own = [server for server in servers if server.here]
    for server in own:
        pid = f"pid {server.pid}" if server.pid else ""
        notes = tuple(word for word in (pid, server.why) if word)
        yield Box(kind="server", title=server.program or "DHCP server", notes=notes, breaks=here[Place.SERVER])
    if not own and not outside:
        why = servers[0].why if servers[0].kind is ServerKind.UNKNOWN else "nobody known"
        yield Box(kind="server", title="no DHCP server known", notes=(why,), breaks=here[Place.SERVER])
    for name in outside:
        port = bridge.port(name)
        state = f"port {port.state.name.lower()}" if port else ""
        breaks = (*here[Place.UPLINK], *(() if own else here[Place.SERVER]))
        yield Box(kind="uplink", title=name, notes=("to the network outside", state), breaks=breaks)


def _stack_notes(bridge: Bridge, host: Host) -> tuple[str, ...]:
    link = host.link(bridge.name)
    notes = [f"{entry.address}/{entry.prefix}" for entry in (link.addresses if link else ()) if entry.family == "inet"]
    firewalld = None if isinstance(host.firewalld, Missing) else host.firewalld
    if firewalld is not None and firewalld.running:
        zone = firewalld.zone_of(bridge.name)
        notes.append(f"firewalld zone {zone.name}" if zone else f"firewalld's default zone {firewalld.default_zone}")
    return tuple(notes[:3]) or ("no address on the bridge",)
