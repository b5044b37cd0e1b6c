"""This host is a virtual machine, and its hypervisor lets no MAC but the host's own through: its guests get no answer.

What it does
    On a host that is a virtual machine itself (its CPU says so): for guests whose server is behind the bridge's way
    out, looks at what a probe heard. Where the facts let the DISCOVER out of this host and the OFFER in, and a probe
    that asked in a guest's name heard nothing, it is likely. Proven where a trace saw the guest's own DISCOVER, or the
    probe's, leave by that way, and nothing come back, and heard no switch there that may still wait for its forward
    delay. That no server is there at all looks the same from here.

Why the guest fails
    A hypervisor's virtual switch knows the MAC of each of its machines, and no other. Frames with another source are
    dropped as forged, frames for another destination are not delivered: to this host its guests are such. VMware calls
    the switch settings "Forged transmits" and "Promiscuous mode", Hyper-V "MAC address spoofing", KubeVirt's CNI
    macspoofchk. Clouds and hosters do it in the network, and some shut a server down that sends foreign MACs. The same
    holds for an SR-IOV function without `trust on` and with `spoofchk on`.

What you see
    The host itself has its address from that very server. DISCOVERs leave the uplink (tcpdump shows them), and nothing
    comes back; or OFFERs are seen on the outer host's NIC, and not here.

Fix
    In the outer hypervisor, for this machine's port: VMware: accept forged transmits and promiscuous mode, or MAC
    learning; Hyper-V: Set-VMNetworkAdapter -MacAddressSpoofing On; SR-IOV: ip link set PF vf N spoofchk off trust on.
    Where that is not yours to set: a NAT or routed network of libvirt's, or the provider's own additional MACs.

Fix safety
    There is no repair on this host: the setting is in another machine, and often another's.

References
    VMware vSphere Security, "Securing Standard Switch Ports With Security Policies"; Microsoft "Set-VMNetworkAdapter";
    ip-link(8) vf spoofchk, trust; corpus of reports: vmware/vic#4759, stormshift/automation#85, ipxe/ipxe#646
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.bridge import Bridge
from pxedoctor.model.fact import known
from pxedoctor.model.observation import Probed
from pxedoctor.model.system import System
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan
from pxedoctor.road.answering import Server, ServerKind
from pxedoctor.road.beyond_uplink import asked_in_vain
from pxedoctor.road.exchange import road_of, servers
from pxedoctor.road.hop import Fate
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.probe_command import probing
from pxedoctor.road.probed import heard_offers, named, unanswered
from pxedoctor.road.tree import bridge_behind

META = Meta(
    code="UP001",
    name="uplink-drops-unknown-macs",
    stage=Stage.UPLINK,
    needs=("system", "links", "bridges", "processes"),
    consults=("sockets", "networks", "netfilter"),
    fix="never",
)
_CPU = "/proc/cpuinfo: flags"
_EXCHANGE = (PacketName.DISCOVER, PacketName.OFFER_BROADCAST)


def check(facts: Facts, target: Target) -> Outcome:
    bridge = bridge_behind(facts.host, target)
    if not isinstance(bridge, Bridge):
        return bridge
    system = known(facts.host.system)
    if not system.virtual:
        return NotApplicable("nothing tells that this host is a virtual machine itself")
    asked = servers(facts, target)
    if not asked or any(server.kind is not ServerKind.OUTSIDE or server.port is None for server in asked):
        return NotApplicable(f"the server of {bridge.name} is not behind a way out of this host")
    ways = ", ".join(server.port or "" for server in asked)
    if heard_offers(facts, target):
        return Fine(f"a probe with a MAC of its own was answered through {ways}")
    if not all(_passes(facts, target, name) for name in _EXCHANGE):
        return NotApplicable(f"whether its packets come to {ways} and back is another question")
    silent = unanswered(facts, target)
    if silent is not None:
        return _broken(system, bridge, asked[0], _probed(silent))
    vain = asked_in_vain(facts, target, asked[0].port or "")
    if vain is not None and not vain.may_wait:
        return _broken(system, bridge, asked[0])
    if vain is not None:
        return Unknown(
            missing=f"whether the hypervisor drops other MACs or the switch behind {ways} still waits: it speaks STP",
            would_help=f"ask, and wait as long as the switch may: {probing(facts.host, bridge)}",
        )
    return Unknown(
        missing=f"whether the hypervisor of this virtual machine lets other MACs than its own through {ways}",
        would_help=f"ask: {probing(facts.host, bridge)}; or watch the guest ask: pxedoctor trace",
    )


def _passes(facts: Facts, target: Target, name: PacketName) -> bool:
    road = road_of(facts, target, name)
    return road is not None and road.fate is Fate.PASS


def _probed(silent: Probed) -> Evidence:
    asked = len([packet for packet in silent.sent if packet.port_state == "forwarding"])
    return Evidence(f"a probe sent {asked} questions with the MAC {silent.mac}, and nobody answered", named(silent))


def _broken(system: System, bridge: Bridge, server: Server, *seen: Evidence) -> Broken:
    """What a trace saw is told beside it, as of every cause (road/traced_road.py)."""
    port = server.port or ""
    return Broken(
        headline=f"{port} brings no answer to a MAC that is not this host's, and this host is a virtual machine: its "
        "hypervisor drops other MACs.",
        subject=port,
        scope="bridge",
        hop=Hop.UPLINK,
        certainty="likely",
        evidence=(
            Evidence(
                f"what guests of {bridge.name} send leaves this host by {port}, and nothing here stops it", "road"
            ),
            *seen,
            Evidence("this host is a virtual machine itself", _CPU, system.machine or "hypervisor"),
        ),
    )


def plan(finding: Finding, facts: Facts) -> NoPlan:
    port = finding.broken.subject
    return NoPlan(
        "the setting is in the hypervisor that runs this host",
        (
            "VMware: accept forged transmits and promiscuous mode (or MAC learning) on this machine's port group",
            "Hyper-V: Set-VMNetworkAdapter -VMName THIS-HOST -MacAddressSpoofing On",
            f"not yours to set: a NAT or routed network of libvirt's instead of {port}, or the provider's own MACs",
            f"to be sure, a capture beyond {port}: do DISCOVERs come there? Is there a DHCP server at all?",
        ),
    )
