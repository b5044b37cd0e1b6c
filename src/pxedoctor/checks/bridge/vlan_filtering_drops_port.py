"""The bridge filters by VLAN, and the VLANs of the guest's port and of the server's side do not meet.

What it does
    Where a bridge filters by VLAN (vlan_filtering = 1), follows a frame without a tag, as firmware sends it, from the
    guest's port to the server's side and back: to the bridge itself where this host serves, else to the ports that lead
    out. A guest that is off is judged by the VLAN that the bridge gives a new port (default_pvid).

Why the guest fails
    A frame without a tag belongs to the PVID of the port that it comes in through; a port without one drops it. It may
    leave only through ports of that VLAN, and come up to the host only if the bridge itself is in it. A port that is in
    the VLAN and not "untagged" sends the answer with a tag, which no firmware takes. libvirt before 11.0 knows nothing
    of a Linux bridge's VLANs: each new tap gets default_pvid, and whatever was set on the tap before is gone with it.

What you see
    PXE-E51, while tcpdump shows the DISCOVER on the tap. `bridge vlan show` lists the tap with another PVID than the
    uplink or the bridge, or not at all.

Fix
    bridge vlan add dev vnet0 vid 10 pvid untagged, or the missing VLAN on the uplink. For good: libvirt 11.0 and later
    take <vlan> in the guest's interface; before that, a hook script (/etc/libvirt/hooks/qemu). An uplink's VLAN stands
    in the file of the system that configures it (bridge-vids, [BridgeVLAN]), and pxedoctor writes it there.

Fix safety
    RISKY: VLANs keep people apart on purpose, and only a person knows whether this guest belongs there. Where the
    bridge itself is not in the guest's VLAN pxedoctor plans nothing: either of two things may be meant.

References
    bridge(8) vlan; Linux net/bridge/br_vlan.c br_allowed_ingress, br_allowed_egress; libvirt 11.0.0 release notes.
    The kernel under the lab's sites does not filter by VLAN: its rules were recorded on Linux 6.1
    (tests/road/data/vlan-filtering.txt), and its cases run on a whole machine with that kernel.
"""

import msgspec

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.bridge import Bridge, Port, PortState, Vlan
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.link import Link
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.road.hop import Fate
from pxedoctor.road.serving import serving
from pxedoctor.road.tree import outward_ports
from pxedoctor.road.vlan import VlanFate, crosses, pvid_of

META = Meta(
    code="BR005",
    name="vlan-filtering-drops-port",
    stage=Stage.BRIDGE,
    needs=("links", "bridges"),
    fix="sometimes",
    consults=("networks", "processes", "network_files"),
)
_NEW_PORT = "new port"
_SHOW = "bridge -j vlan show"


def check(facts: Facts, target: Target) -> Outcome:
    bridge = facts.host.bridge(target.bridge or "")
    if bridge is None:
        return NotApplicable("it is plugged into no Linux bridge that exists now")
    if bridge.vlan_filtering is False:
        return NotApplicable(f"{bridge.name} does not filter by VLAN")
    here, port = _with_port(bridge, target)
    if serving(facts.host, bridge.name) is not None:
        if any(link.kind == "vlan" for link in _links(facts.host)):
            return _unknown("which VLAN devices of this host sit on the bridge, and what they serve", "ip -d link")
        return _judge(here, port, [bridge.name])
    far = [name for name in outward_ports(facts.host, bridge) if name != port]
    if not far:
        return NotApplicable(f"no DHCP server is known on {bridge.name}, and no port leads out")
    return _judge(here, port, far)


def _links(host: Host) -> tuple[Link, ...]:
    return () if isinstance(host.links, Missing) else host.links


def _with_port(bridge: Bridge, target: Target) -> tuple[Bridge, str]:
    """The bridge with the guest's port in it: as it is, or as it will be made when the guest starts."""
    if target.tap and bridge.port(target.tap):
        return bridge, target.tap
    pvid = bridge.default_pvid
    vlans = None if pvid is None else (Vlan(first=pvid, last=pvid, pvid=True, untagged=True),) if pvid else ()
    port = Port(name=_NEW_PORT, state=PortState.FORWARDING, vlans=vlans)
    return msgspec.structs.replace(bridge, ports=(*bridge.ports, port)), _NEW_PORT


def _judge(bridge: Bridge, port: str, far: list[str]) -> Outcome:
    ways = [_both_ways(bridge, port, device) for device in far]
    if any(way.fate is Fate.PASS for way in ways):
        through = next(device for device, way in zip(far, ways, strict=True) if way.fate is Fate.PASS)
        return Fine(f"VLANs on {bridge.name} let a frame without a tag from {port} to {through} and back")
    doubt = next((way for way in ways if way.fate is Fate.UNKNOWN), None)
    if doubt is not None:
        return _unknown(doubt.why, "bridge vlan show")
    return _broken(bridge, port, ways[0])


def _unknown(missing: str, would_help: str) -> Unknown:
    return Unknown(missing=missing, would_help=would_help, on_road=True)


def _both_ways(bridge: Bridge, port: str, far: str) -> VlanFate:
    """The first way that does not lead through. What goes out of a port may carry a tag: the far end decides."""
    there, back = crosses(bridge, port, far), crosses(bridge, far, port)
    if there.fate is not Fate.PASS:
        return there
    if far != bridge.name:
        back = crosses(bridge, far, port, there.vid) if there.tagged else back
    elif there.tagged:
        why = f"{far} takes VLAN {there.vid} with its tag only, and no VLAN device of the host takes it"
        return VlanFate(fate=Fate.DROP, why=why, device=far)
    if back.fate is Fate.PASS and back.tagged:
        why = f"answers leave through {port} with the tag of VLAN {back.vid}, which firmware does not take"
        return VlanFate(fate=Fate.DROP, why=why, device=port)
    return back


def _broken(bridge: Bridge, port: str, way: VlanFate) -> Broken:
    coming = port == _NEW_PORT
    return Broken(
        headline=f"{bridge.name} filters by VLAN, and {way.why}: "
        f"{'the next start of this guest' if coming else f'the guest on {port}'} gets no answer.",
        subject=bridge.name if coming else port,
        scope="bridge" if coming else "guest",
        hop=Hop.PORT if way.device == port else Hop.BRIDGE,
        certainty="likely" if coming else "proven",
        evidence=(
            Evidence(f"{bridge.name} filters by VLAN", f"/sys/class/net/{bridge.name}/bridge/vlan_filtering", "1"),
            *(_membership(bridge, device) for device in dict.fromkeys((port, way.device, bridge.name))),
        ),
    )


def _membership(bridge: Bridge, device: str) -> Evidence:
    if device == _NEW_PORT:
        origin = f"/sys/class/net/{bridge.name}/bridge/default_pvid"
        return Evidence("a new port gets the bridge's default PVID", origin, str(bridge.default_pvid))
    port = bridge.port(device)
    vlans = bridge.vlans if device == bridge.name else port.vlans if port else None
    words = ", ".join(_words(vlan) for vlan in vlans or ())
    return Evidence(f"VLANs of {device}", f"{_SHOW}: {device}", words or "none")


def _words(vlan: Vlan) -> str:
    ids = str(vlan.first) if vlan.first == vlan.last else f"{vlan.first}-{vlan.last}"
    return f"{ids}{' PVID' if vlan.pvid else ''}{' untagged' if vlan.untagged else ''}"


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.devices.wish import InVlan
    from pxedoctor.plans.lasting_device import lasting_device
    from pxedoctor.plans.vlan import JoinVlan

    bridge = _bridge_of(facts.host, finding.broken.subject)
    port = bridge.port(finding.broken.subject) if bridge else None
    if bridge is None or port is None:
        return NoPlan("the port is made anew when the guest starts", _FOR_GOOD)
    served = serving(facts.host, bridge.name) is not None
    far = [bridge.name] if served else [name for name in outward_ports(facts.host, bridge) if name != port.name]
    own, wanted = pvid_of(port.vlans or ()), _wanted(bridge, far)
    if own is None and wanted is not None:
        lose = f"The guest on {port.name} comes into VLAN {wanted}; only a person knows whether it belongs there."
        step = JoinVlan(bridge=bridge.name, port=port.name, vid=wanted, access=True, may_lose=lose)
        return Plan(steps=(step,), other_ways=_FOR_GOOD)
    if own is not None and not served and len(far) == 1:
        lose = f"VLAN {own} comes to be on {far[0]}; only a person knows whether it may."
        step = JoinVlan(bridge=bridge.name, port=far[0], vid=own, access=False, may_lose=lose)
        more = lasting_device(facts.host, InVlan(far[0], bridge.name, own), Safety.RISKY, lose)
        return Plan(steps=(step, *more.steps), other_ways=more.words)
    return NoPlan(
        "whether the guest or the server's side is in the wrong VLAN only a person can know",
        (f"bridge vlan show; then bridge vlan add dev {port.name} vid N pvid untagged, or the VLAN on the other side",),
    )


_FOR_GOOD = (
    "For good: <vlan><tag id='N'/></vlan> in the guest's interface (libvirt 11.0 and later), or a hook script "
    "(/etc/libvirt/hooks/qemu): a tap's VLANs are gone with the tap.",
)


def _bridge_of(host: Host, port: str) -> Bridge | None:
    bridges = () if isinstance(host.bridges, Missing) else host.bridges
    return next((bridge for bridge in bridges if bridge.port(port)), None)


def _wanted(bridge: Bridge, far: list[str]) -> int | None:
    """The VLAN of the far side's frames without a tag, where there is one side and it has one."""
    if len(far) != 1:
        return None
    port = bridge.port(far[0])
    return pvid_of((bridge.vlans if far[0] == bridge.name else port.vlans if port else None) or ())
