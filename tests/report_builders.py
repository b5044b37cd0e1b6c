"""Reports as a test of the drawing wants them: made by hand, so that a new check changes no drawing."""

from builders import MAC, bridge, facts, link, network, port, target
from pxedoctor.checks.bridge import bridge_forward_delay
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Hop
from pxedoctor.model.bridge import Stp
from pxedoctor.model.libvirt import Definition
from pxedoctor.model.link import Link
from pxedoctor.model.source import Source
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.service import ControlService
from pxedoctor.road.hop import Fate, Road, RoadHop, RuleRef
from pxedoctor.road.packet_name import PacketName
from pxedoctor.verdict.report import CheckResult, Diagnosed, NotKnown, Report, TargetVerdict, Verdict

BR001 = bridge_forward_delay.META
NF004 = Meta(code="NF004", name="dhcp-reply-checksum-unfilled", stage=Stage.FILTER, needs=(), fix="sometimes")
NF001 = Meta(code="NF001", name="libvirt-rules-missing", stage=Stage.FILTER, needs=(), fix="always")

SOURCES = tuple(Source(name=name, status="ok") for name in ("system", "links", "bridges", "domains", "networks"))


def guest(name: str = "web01", address: str = MAC, **changes: object) -> Target:
    values: dict[str, object] = {"id": f"{name}/{address}", "guest": name, "mac": address}
    return target(**(values | changes))  # type: ignore[arg-type]


# As libvirt 9.0.0 keeps it.
LAB = Definition(
    "/etc/libvirt/qemu/networks/lab.xml",
    """\
<network>
  <name>lab</name>
  <forward mode='nat'/>
  <bridge name='br0' stp='on' delay='15'/>
  <mac address='52:54:00:0d:0d:fe'/>
  <ip address='192.168.122.1' netmask='255.255.255.0'>
  </ip>
</network>
""",
)


def slow_host(uplink: Link | None = None, heard: int = 0, definition: Definition = LAB) -> Facts:
    """br0 with STP and a delay of 15 s; with an uplink, one behind which a switch was heard, and no network of that
    definition."""
    ports = (port(uplink.name, bpdus=heard),) if uplink else ()
    return facts(
        bridges=(bridge(stp=Stp.KERNEL, ports=ports),),
        links=(uplink,) if uplink else (),
        networks=() if uplink else (network(name="lab", bridge="br0", delay=15.0, definition=definition),),
    )


def slow_bridge(host_facts: Facts, *targets: Target) -> Diagnosed:
    """BR001, as the real check finds and plans it."""
    broken = bridge_forward_delay.check(host_facts, targets[0])
    assert isinstance(broken, Broken)
    finding = Finding(meta=BR001, broken=broken, targets=tuple(entry.id for entry in targets))
    return Diagnosed(finding=finding, plan=bridge_forward_delay.plan(finding, host_facts))


def checksum_risk(subject: str, *targets: Target) -> Diagnosed:
    broken = Broken(
        headline=f"Nobody fills the UDP sum of DHCP replies on {subject}; a client that ignores the mark drops them.",
        subject=subject,
        scope="bridge",
        hop=Hop.OUTPUT,
        severity="risk",
        evidence=(Evidence("no CHECKSUM rule in mangle POSTROUTING", "iptables-save -t mangle"),),
    )
    finding = Finding(meta=NF004, broken=broken, targets=tuple(entry.id for entry in targets))
    return Diagnosed(finding=finding, plan=NoPlan("no client here is known to refuse such replies"))


def rules_missing(plan: Plan | NoPlan, *targets: Target, certainty: str = "proven") -> Diagnosed:
    broken = Broken(
        headline="The rules of network lab are gone, and the host's INPUT chain drops what it does not know.",
        subject="lab",
        scope="network",
        hop=Hop.INPUT,
        certainty=certainty,  # type: ignore[arg-type]
        evidence=(
            Evidence("INPUT's policy is DROP", "iptables-save -t filter, line 3", ":INPUT DROP [9:2952]"),
            Evidence("no jump to LIBVIRT_INP", "iptables-save -t filter", "(nothing)"),
        ),
    )
    finding = Finding(meta=NF001, broken=broken, targets=tuple(entry.id for entry in targets))
    return Diagnosed(
        finding=finding, plan=plan, assumed=("INPUT jumps to LIBVIRT_INP",) if isinstance(plan, Plan) else ()
    )


def dying_road(entry: Target) -> Road:
    return Road(
        target=entry.id,
        packet=PacketName.DISCOVER,
        hops=(
            _hop(Hop.NIC, entry.mac or ""),
            _hop(Hop.PORT, "new port", Fate.DROP, "silent for 30 s, longer than iPXE asks"),
        ),
    )


def passing_road(entry: Target) -> Road:
    hops = (_hop(Hop.NIC, entry.mac or ""), _hop(Hop.TAP, "vnet3"), _hop(Hop.PORT, "vnet3"), _hop(Hop.BRIDGE, "br0"))
    return Road(target=entry.id, packet=PacketName.DISCOVER, hops=hops)


def unknown_road(entry: Target) -> Road:
    port_hop = _hop(Hop.PORT, "vnet3", Fate.UNKNOWN, "STP is run by a program in user space")
    hops = (_hop(Hop.NIC, entry.mac or ""), _hop(Hop.TAP, "vnet3"), port_hop, _hop(Hop.BRIDGE, "br0"))
    return Road(target=entry.id, packet=PacketName.DISCOVER, hops=hops)


def filtered_road(entry: Target) -> Road:
    rule = RuleRef(
        family="ip",
        table="filter",
        chain="INPUT",
        line=7,
        text="-A INPUT -p udp --dport 67 -j DROP",
        owner="ufw",
        owner_why="ufw's chains hang in INPUT",
        origin="iptables-nft-save",
    )
    died = RoadHop(hop=Hop.INPUT, device="br0", predicted=Fate.DROP, why="a rule drops it", rule=rule)
    return Road(target=entry.id, packet=PacketName.DISCOVER, hops=(*passing_road(entry).hops, died))


def exchange_roads(entry: Target) -> tuple[Road, ...]:
    """A DISCOVER that arrives, an OFFER to everybody that a rule drops, and what nobody can tell."""
    rule = RuleRef(
        family="inet",
        table="site",
        chain="out",
        handle=9,
        text="ip daddr 255.255.255.255 drop",
        owner="nftables.service",
    )
    dies = RoadHop(
        hop=Hop.OUTPUT,
        device="br0",
        predicted=Fate.DROP,
        why="a rule of inet site out drops it",
        rule=rule,
        hook="ip output",
    )
    asks = (*passing_road(entry).hops, _hop(Hop.INPUT, "br0"), _hop(Hop.SERVER, "dnsmasq"))
    out = (_hop(Hop.OUTPUT, "br0"), _hop(Hop.POSTROUTING, "br0"), _hop(Hop.EXIT, "vnet3"), _hop(Hop.DELIVERY, "vnet3"))
    deaf = _hop(Hop.SERVER, "TFTP server", Fate.UNKNOWN, "whether anybody listens on UDP port 69 here is not known")
    roads = {
        PacketName.DISCOVER: asks,
        PacketName.OFFER_BROADCAST: (dies,),
        PacketName.OFFER_UNICAST: out,
        PacketName.ACK_BROADCAST: (dies,),
        PacketName.ARP_REQUEST: (*passing_road(entry).hops, _hop(Hop.INPUT, "br0")),
        PacketName.TFTP_RRQ: (*passing_road(entry).hops, _hop(Hop.INPUT, "br0"), deaf),
    }
    return tuple(Road(target=entry.id, packet=name, hops=hops) for name, hops in roads.items())


def _hop(hop: Hop, device: str, fate: Fate = Fate.PASS, why: str = "") -> RoadHop:
    return RoadHop(hop=hop, device=device, predicted=fate, why=why)


def report(
    *targets: tuple[Target, Verdict],
    findings: tuple[Diagnosed, ...] = (),
    unknown: tuple[NotKnown, ...] = (),
    roads: tuple[Road, ...] = (),
    sources: tuple[Source, ...] = SOURCES,
) -> Report:
    ids = tuple(entry.id for entry, _ in targets)
    fine = CheckResult(meta=BR001, outcome="fine", targets=ids, why="br0 has STP off: a new port forwards at once")
    drawn = {road.target for road in roads}
    return Report(
        hostname="h",
        kernel="6.18",
        collected_at="2026-05-01T06:00:00Z",
        sources=sources,
        targets=tuple(TargetVerdict(target=entry, verdict=verdict) for entry, verdict in targets),
        checks=(fine,),
        findings=findings,
        unknown=unknown,
        roads=(*roads, *(passing_road(entry) for entry, _ in targets if entry.id not in drawn)),
    )


def broken_report() -> Report:
    """One guest, one cause: the commonest report."""
    web = guest(tap=None)
    return report((web, Verdict.BROKEN), findings=(slow_bridge(slow_host(), web),), roads=(dying_road(web),))


def risky_report() -> Report:
    """br0 is the root of a tree in which a switch takes part."""
    web = guest()
    found = slow_bridge(slow_host(link("eno1", kind=""), heard=12), web)
    return report((web, Verdict.BROKEN), findings=(found,), roads=(dying_road(web),))


def likely_report() -> Report:
    """Likely, and the client was named on the command line: both go into the command to type."""
    web = guest(client_name="grub", client_why="--client")
    restart = ControlService(name="libvirtd", action="restart", afterwards="it writes the rules of its networks again")
    plan = Plan(steps=(restart,), pending="shut web01 down and start it again.")
    return report((web, Verdict.BROKEN), findings=(rules_missing(plan, web, certainty="likely"),))
