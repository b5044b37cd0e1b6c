"""No DHCP server is on this host, and the guest's bridge leads nowhere: no port goes out, or those that do are dead.

What it does
    For a guest on a bridge that is no network of libvirt's: looks for a DHCP server of this host on the bridge, and for
    ports that lead out of it: a NIC, a bond, a VLAN, a tunnel, a veth. A port that is down, or has no carrier, leads
    nowhere. Where other guests are on the bridge, one of them may be the server, and pxedoctor cannot tell.

Why the guest fails
    A bridge carries frames between its ports, and to the host. Where the server is in the LAN, the host's NIC must be a
    port. It is none after a bridge was made by hand and forgotten (`ip link add br0 type bridge`), when the NIC got
    another name with a new kernel or a moved card, when NetworkManager brought the NIC's own profile up and not the
    port's, or after an ifdown of the NIC alone. The guest sends its DISCOVER to nobody.

What you see
    PXE-E51, and no DISCOVER in the server's log. `bridge link show` lists guests' taps alone, or the uplink with
    NO-CARRIER. tcpdump on the bridge shows the DISCOVER, on the NIC nothing.

Fix
    ip link set dev eno1 master br0, and for good in the files of whatever makes the bridge (bridge_ports, Bridge=,
    interfaces:). An uplink that is down: ip link set dev eno1 up. One without carrier: the cable, the switch's port.

Fix safety
    SAFE for an uplink that is a port and down. No plan where there is none: a NIC that becomes a port no longer answers
    for the addresses that it has, and which NIC leads to the server is for a person to say.

References
    https://wiki.libvirt.org/Networking.html (bridged networking), Linux net/bridge/br_forward.c br_flood,
    Documentation/networking/operstates.rst
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.bridge import Bridge
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.link import Link
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.answering import servers_of
from pxedoctor.road.tree import outward_ports

META = Meta(
    code="BR004",
    name="bridge-without-uplink",
    stage=Stage.BRIDGE,
    needs=("links", "bridges", "processes"),
    consults=("sockets", "networks", "domains"),
    fix="sometimes",
    explains=("port-not-forwarding",),
)
_FORWARDED_BY_PERSON = "bridge"


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    bridge = host.bridge(target.bridge or "")
    if bridge is None:
        return NotApplicable("it is plugged into no Linux bridge that exists now")
    if target.kind not in {"nic", "tap"}:
        return NotApplicable("no guest is asked about: whether anybody is to be served there is not known")
    network = host.network_on(bridge.name)
    if network is not None and network.forward != _FORWARDED_BY_PERSON:
        return NotApplicable(
            f"{bridge.name} is made by libvirt's network {network.name}, which serves it or nobody does"
        )
    if any(server.here for server in servers_of(host, bridge, target)):
        return Fine(f"this host serves DHCP on {bridge.name}")
    outward = [name for name in outward_ports(host, bridge) if name != target.tap]
    alive = next((name for name in outward if _leads_out(host, name)), None)
    if alive is not None:
        return Fine(f"{bridge.name} leads out through {alive}")
    guests = [port.name for port in bridge.ports if port.name not in {*outward, target.tap}]
    if guests and not outward:
        return Unknown(
            missing=f"whether a guest at another port of {bridge.name} ({', '.join(guests)}) is the DHCP server",
            would_help=f"ask: pxedoctor probe --bridge {bridge.name}",
        )
    return _broken(host, bridge, target, outward)


def _leads_out(host: Host, name: str) -> bool:
    link = host.link(name)
    return link is None or (link.up and link.carrier)


def _broken(host: Host, bridge: Bridge, target: Target, outward: list[str]) -> Broken:
    needs_it = target.client is not None and target.client.firmware
    names = ", ".join(outward)
    lacks = f"{names}, its only way out, is dead" if outward else "it has no port that leads out"
    ports = ", ".join(port.name for port in bridge.ports) or "none"
    return Broken(
        headline=f"{bridge.name} leads to no DHCP server: {lacks}, and this host serves none there.",
        subject=bridge.name,
        scope="bridge",
        hop=Hop.UPLINK,
        severity="broken" if needs_it else "risk",
        evidence=(
            Evidence(f"the ports of {bridge.name}", f"/sys/class/net/{bridge.name}/brif", ports),
            *(_dead(link) for name in outward if (link := host.link(name)) is not None),
            Evidence(
                f"no DHCP server of this host serves {bridge.name}",
                "/proc/PID/cmdline, /proc/net/udp, /proc/net/packet",
                "none",
            ),
        ),
    )


def _dead(link: Link) -> Evidence:
    what = "is up and has no carrier" if link.up else "is down"
    return Evidence(f"{link.name} {what}", f"ip -j -d -s -s address show: {link.name}, flags")


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.link import SetLinkUp

    name = finding.broken.subject
    bridge = facts.host.bridge(name)
    if bridge is None:
        return NoPlan(f"{name} does not exist any more")
    outward = outward_ports(facts.host, bridge)
    down = [port for port in outward if (link := facts.host.link(port)) is not None and not link.up]
    if down:
        return Plan(steps=tuple(SetLinkUp(device=port) for port in down))
    if outward:
        return NoPlan(
            f"{', '.join(outward)} has no carrier: nobody is at the other end",
            ("the cable, the switch's port, the other end of a veth or tunnel; ethtool DEVICE tells what it sees",),
        )
    return NoPlan(
        f"which NIC leads to the server is for a person to say, and as a port of {name} it loses its own addresses",
        tuple(f"if it is {nic}: ip link set dev {nic} master {name}" for nic in _candidates(facts.host)),
    )


def _candidates(host: Host) -> tuple[str, ...]:
    """NICs of this host that are no port yet: hardware, bonds and VLANs."""
    links = () if isinstance(host.links, Missing) else known(host.links)
    kinds = {"", "bond", "vlan", "team"}
    return tuple(link.name for link in links if link.kind in kinds and link.master is None and link.name != "lo")
