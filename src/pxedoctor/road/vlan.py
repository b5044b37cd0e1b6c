"""Where a bridge that filters by VLAN lets a frame pass (Linux net/bridge/br_vlan.c).

1. Coming in, a frame without a tag belongs to the port's PVID; without a PVID it dies. A tagged one must belong to a
   VLAN of the port (br_allowed_ingress).
2. Going out of a port, or up to the bridge itself, its VLAN must be one of that device's (br_allowed_egress).
3. What the bridge itself sends comes in through the bridge's own memberships, as through a port's.
"""

import msgspec

from pxedoctor.model.bridge import Bridge, Port, Vlan
from pxedoctor.road.hop import Fate


class VlanFate(msgspec.Struct, frozen=True, kw_only=True):
    """`vid` is the frame's VLAN inside the bridge; None where it dies, cannot be told, or the bridge does not filter.

    `device` is where it dies. `tagged`: it leaves with a tag, which only somebody who knows VLANs takes.
    """

    fate: Fate
    why: str
    device: str = ""
    vid: int | None = None
    tagged: bool = False


_OFF = VlanFate(fate=Fate.PASS, why="the bridge does not filter by VLAN")


def pvid_of(vlans: tuple[Vlan, ...]) -> int | None:
    return next((vlan.first for vlan in vlans if vlan.pvid), None)


def enters(bridge: Bridge, device: str, tag: int | None = None) -> VlanFate:
    """A frame that comes in through a port, or is sent by the bridge itself. `tag`: its VLAN id, None without one."""
    if bridge.vlan_filtering is False:
        return _OFF
    vlans = _vlans_of(bridge, device)
    if bridge.vlan_filtering is None or vlans is None:
        return VlanFate(fate=Fate.UNKNOWN, why=f"the VLANs of {device} could not be read", device=device)
    vid = pvid_of(vlans) if tag is None else tag
    if vid is None:
        why = f"{device} has no PVID: a frame without a tag dies there"
        return VlanFate(fate=Fate.DROP, why=why, device=device)
    if not any(vlan.has(vid) for vlan in vlans):
        return VlanFate(fate=Fate.DROP, why=f"{device} is not in VLAN {vid}", device=device)
    return VlanFate(fate=Fate.PASS, why=f"in VLAN {vid} through {device}", device=device, vid=vid)


def enters_new(bridge: Bridge) -> VlanFate:
    """Through a port that is not made yet: the kernel puts a new one into default_pvid, untagged (br_vlan.c)."""
    if bridge.vlan_filtering is False:
        return _OFF
    if bridge.vlan_filtering is None or bridge.default_pvid is None:
        return VlanFate(fate=Fate.UNKNOWN, why="the VLAN of a new port could not be read", device="new port")
    if bridge.default_pvid == 0:
        return VlanFate(
            fate=Fate.DROP, why="a new port has no PVID: a frame without a tag dies there", device="new port"
        )
    return VlanFate(fate=Fate.PASS, why="a new port is in default_pvid", device="new port", vid=bridge.default_pvid)


def leaves(bridge: Bridge, device: str, vid: int) -> VlanFate:
    """A frame of VLAN `vid` that is to leave through a port, or to come up to the bridge itself."""
    if bridge.vlan_filtering is False:
        return _OFF
    vlans = _vlans_of(bridge, device)
    if bridge.vlan_filtering is None or vlans is None:
        return VlanFate(fate=Fate.UNKNOWN, why=f"the VLANs of {device} could not be read", device=device)
    if not any(vlan.has(vid) for vlan in vlans):
        return VlanFate(fate=Fate.DROP, why=f"{device} is not in VLAN {vid}", device=device)
    tagged = not any(vlan.has(vid) and vlan.untagged for vlan in vlans)
    why = f"{device} is in VLAN {vid}{', and it leaves with the tag' if tagged else ''}"
    return VlanFate(fate=Fate.PASS, why=why, device=device, vid=vid, tagged=tagged)


def crosses(bridge: Bridge, source: str, target: str, tag: int | None = None) -> VlanFate:
    """From one device of the bridge to another: a port's name, or the bridge's own."""
    entered = enters(bridge, source, tag)
    return entered if entered.vid is None else leaves(bridge, target, entered.vid)


def _vlans_of(bridge: Bridge, device: str) -> tuple[Vlan, ...] | None:
    if device == bridge.name:
        return bridge.vlans
    port: Port | None = bridge.port(device)
    return None if port is None else port.vlans
