"""The segments of a bridge: which VLANs a guest on it can be in, beside that of a new port's frames without a tag."""

from typing import TYPE_CHECKING

from pxedoctor.model.bridge import Bridge, PortVlans, Vlan
from pxedoctor.model.fact import Missing
from pxedoctor.model.target import Target

if TYPE_CHECKING:
    from pxedoctor.model.host import Host
    from pxedoctor.model.link import Link


def vlans_of_port(bridge: Bridge, target: Target) -> PortVlans:
    """What a port must belong to in order to be like the target's."""
    port = bridge.port(target.tap) if target.tap else None
    if bridge.vlan_filtering is False or port is None:
        return "as-made"
    if port.vlans is None:
        return "unknown"
    return "as-made" if port.vlans == _as_made(bridge) else port.vlans


def segments(host: "Host", bridge: Bridge) -> tuple[int, ...]:
    """VLAN ids in which this host serves or has guests on the bridge, in order; without that of a new port.

    Those that are some port's PVID, that the bridge itself is in, or of which a VLAN device of this host sits on the
    bridge. What trunks alone carry is other hosts' business.
    """
    found = {link.vlan for link in _links(host) if link.lower == bridge.name and link.vlan is not None}
    if bridge.vlan_filtering is not False:
        found |= {vlan.first for port in bridge.ports for vlan in port.vlans or () if vlan.pvid}
        found |= {vid for vlan in bridge.vlans or () for vid in range(vlan.first, vlan.last + 1)}
        found -= {bridge.default_pvid}
    return tuple(sorted(vid for vid in found if vid is not None))


def _links(host: "Host") -> "tuple[Link, ...]":
    return () if isinstance(host.links, Missing) else host.links


def _as_made(bridge: Bridge) -> tuple[Vlan, ...]:
    pvid = bridge.default_pvid
    return (Vlan(first=pvid, last=pvid, pvid=True, untagged=True),) if pvid else ()
