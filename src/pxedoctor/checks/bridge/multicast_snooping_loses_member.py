"""The bridge hands multicast only to ports that asked for it, and the one to the DHCPv6 server is not among them.

What it does
    For a bridge whose DHCPv6 server is not this host: whether it snoops multicast, whether somebody queries for IPv6
    groups on it (the bridge itself, or another machine that it hears), and whether a port that leads out is in the
    group of all DHCPv6 servers, or leads to a router or the querier. Kernels before 5.16 do not tell of other queriers.

Why the guest fails
    As long as nobody queries, a bridge that snoops floods multicast like one that does not. Once there is a querier, it
    believes that who wants a group has said so, and sends SOLICIT (ff02::1:2), router solicitations and neighbour
    solicitations to nobody else. A server whose reports do not arrive, because a switch with snooping of its own keeps
    them or its host is too quiet, then hears of no guest. IPv4 needs none of it: DISCOVER and ARP are broadcasts.

What you see
    IPv6 works for some minutes and then not, IPv4 goes on. SOLICIT in tcpdump on the tap, none on the uplink. The
    uplink is missing from `bridge mdb show` for ff02::1:2 and from its router ports. `echo 0 >
    /sys/class/net/br0/bridge/multicast_snooping` cures it at once.

Fix
    A querier where the routers are, that is, on the switch, and none on this bridge: ip link set dev br0 type bridge
    mcast_querier 0. Or the uplink gets all groups: ip link set dev eno1 type bridge_slave mcast_router 2. Or no
    snooping: ip link set dev br0 type bridge mcast_snooping 0.

Fix safety
    There is no repair: who is to query on a segment is decided for all bridges and switches of it together.

References
    Linux net/bridge/br_multicast.c br_multicast_querier_exists, br_forward.c br_multicast_flood; RFC 4541 section 3;
    RFC 8415 section 7.1; corpus of reports: openwrt/openwrt#17292, freifunk-gluon/packages#73
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.bridge import Bridge
from pxedoctor.model.fact import Missing
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan
from pxedoctor.road.serving import serving
from pxedoctor.road.tree import bridge_behind, outward_ports

META = Meta(
    code="BR007",
    name="multicast-snooping-loses-member",
    stage=Stage.BRIDGE,
    needs=("bridges", "links"),
    consults=("networks", "processes"),
    fix="never",
)


def check(facts: Facts, target: Target) -> Outcome:
    bridge = bridge_behind(facts.host, target)
    if not isinstance(bridge, Bridge):
        return bridge
    if serving(facts.host, bridge.name) is not None:
        return NotApplicable("this host itself serves there, and a bridge knows what its own host listens to")
    outward = outward_ports(facts.host, bridge)
    snooping = bridge.snooping
    if snooping is None or not outward:
        return NotApplicable(f"{bridge.name} hands on all multicast, or has no port that leads out")
    if isinstance(snooping, Missing):
        return Unknown(missing=snooping.why, would_help=snooping.would_help or f"ip -d link show dev {bridge.name}")
    if not snooping.querier:
        return Fine(f"nobody queries for multicast on {bridge.name}: it floods")
    if snooping.members is None:
        return Unknown(missing=f"which ports of {bridge.name} get which multicast", would_help="bridge -d mdb show")
    reached = [port for port in outward if port in snooping.members or port == snooping.querier]
    if reached:
        return Fine(f"{', '.join(reached)} gets what is sent to DHCPv6 servers")
    return _broken(bridge, snooping.querier, outward)


def _broken(bridge: Bridge, querier: str, outward: tuple[str, ...]) -> Broken:
    ports = ", ".join(outward)
    own = querier == bridge.name
    where = f"/sys/class/net/{bridge.name}/bridge/multicast_querier" if own else "IFLA_BR_MCAST_QUERIER_STATE (netlink)"
    who = f"{bridge.name} itself queries for multicast" if own else f"a querier is heard through {querier}"
    return Broken(
        headline=f"{bridge.name} keeps guests' DHCPv6 and router solicitations from {ports}: {who}, and nobody there "
        "has asked for them.",
        subject=bridge.name,
        scope="bridge",
        hop=Hop.EXIT,
        # IPv4 goes on, and whether a DHCPv6 server is out there this host does not know.
        severity="risk",
        certainty="likely",
        evidence=(
            Evidence("it snoops multicast", f"/sys/class/net/{bridge.name}/bridge/multicast_snooping", "1"),
            Evidence(who, where, "1" if own else querier),
            Evidence(f"{ports}: not in ff02::1:2, and no router's port", "bridge -d mdb show", ""),
        ),
    )


def plan(finding: Finding, facts: Facts) -> NoPlan:
    name = finding.broken.subject
    bridge = facts.host.bridge(name)
    ports = outward_ports(facts.host, bridge) if bridge is not None else ()
    uplink = ports[0] if ports else "UPLINK"
    return NoPlan(
        "who is to query on a segment is decided for all bridges and switches of it together",
        (
            f"no querier here, where a switch has one: ip link set dev {name} type bridge mcast_querier 0",
            f"all groups to the uplink: ip link set dev {uplink} type bridge_slave mcast_router 2",
            f"no snooping: ip link set dev {name} type bridge mcast_snooping 0",
        ),
    )
