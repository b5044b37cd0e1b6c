"""Guests fetch their boot file by TFTP through this host's NAT, and no helper of conntrack leads the data back.

What it does
    Where libvirt's network sends its guests to a TFTP server behind this host's routing, and NAT gives their requests
    another source, looks whether any rule gives these requests conntrack's helper for TFTP (`CT --helper tftp`, nft's
    `ct helper set`), and whether the kernel has the part of it that NAT needs.

Why the guest fails
    It asks port 69, and the server sends the data from another port of its own choice (RFC 1350 section 4). To NAT that
    is no answer: it knows a connection with port 69 alone, and takes the data for its own. Since Linux 6.0 no helper
    is given by itself, and long before that the switch nf_conntrack_helper was 0.

What you see
    The guest has its address, asks for the file again and again, and gives up: PXE-E32. Outside, the server sends data
    to this host's address, and gets "port unreachable" from it.

Fix
    A rule that gives guests' requests the helper, before conntrack: iptables -t raw -A PREROUTING ... -j CT --helper
    tftp. Or a server that answers from port 69 (dnsmasq's tftp-single-port: then nothing is wrong), or HTTP boot.

Fix safety
    SAFE: the helper only notes what a guest has asked for, and lets nothing through by itself. Behind NAT it needs the
    module nf_nat_tftp, which no rule loads.

References
    RFC 1350 section 4, Linux net/netfilter/nf_conntrack_tftp.c, nf_nat_tftp.c, commit b118509076b3 (no more
    nf_conntrack_helper), iptables-extensions(8) CT, https://home.regit.org/netfilter-en/secure-use-of-helpers/
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, Leg, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.exchange import boot_of_target, road_of
from pxedoctor.road.helper import translates_tftp
from pxedoctor.road.hop import Road, RoadHop, RuleRef
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.parties import Boot, BootFrom
from pxedoctor.road.refusing import where
from pxedoctor.road.stack import HELP_NOT_KNOWN, NOT_EXPECTED

META = Meta(
    code="NF018",
    name="tftp-through-nat-without-helper",
    stage=Stage.FILTER,
    needs=("netfilter", "bridges", "networks", "sysctls"),
    consults=("links", "routes", "modules", "firewall_files"),
    fix="sometimes",
)


def check(facts: Facts, target: Target) -> Outcome:
    boot = boot_of_target(facts, target)
    if boot is None or boot.http or boot.where is not BootFrom.ROUTED:
        return NotApplicable("its network names no TFTP server behind this host's routing")
    data = road_of(facts, target, PacketName.TFTP_DATA)
    if _hop(data, NOT_EXPECTED) is not None:
        return _broken(facts, target, boot)
    doubtful = _hop(data, HELP_NOT_KNOWN)
    if doubtful is not None:
        return Unknown(
            missing="whether conntrack's helper for TFTP follows what guests ask for",
            would_help="nft list ruleset | grep helper; lsmod | grep tftp",
        )
    return Fine(f"the data that {boot.address} sends find their way back to the guest")


def _hop(road: Road | None, why: str) -> RoadHop | None:
    return next((hop for hop in road.hops if hop.why == why), None) if road is not None else None


def _translates(facts: Facts, target: Target) -> RuleRef | None:
    """The rule of NAT by which the guest's request leaves."""
    road = road_of(facts, target, PacketName.TFTP_RRQ)
    found = [rule for hop in (road.hops if road else ()) for rule in hop.rewrites]
    return found[0] if found else None


def _broken(facts: Facts, target: Target, boot: Boot) -> Broken:
    network = target.network or target.bridge or ""
    nat = _translates(facts, target)
    needs_it = target.client is not None and target.client.firmware
    rules = (Evidence("it is rewritten", f"{where(nat)} (`{nat.origin}`)", nat.text),) if nat else ()
    return Broken(
        headline=f"TFTP data from {boot.address} do not find back through NAT to {network}'s guests: no helper of "
        "conntrack expects them.",
        subject=network,
        scope="network",
        hop=Hop.ROUTE,
        leg=Leg.FETCH,
        severity="broken" if needs_it else "risk",
        # A server may answer from port 69, against the standard's word; that does not show here.
        certainty="likely",
        evidence=(
            Evidence(
                f"the guests of {network} fetch their boot file by TFTP",
                f"virsh net-dumpxml {network}: <bootp>",
                str(boot.address),
            ),
            *rules,
            Evidence("no rule gives that request a helper", "rules of iptables and nft", "no `helper`"),
        ),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.kept_rule import kept
    from pxedoctor.plans.tftp_helper import AddTftpHelper

    bridge = finding.first.bridge if finding.first else None
    ways = (
        "HTTP boot, whose answers NAT knows: <bootp file='http://SERVER/FILE'/>",
        "dnsmasq's tftp-single-port (or its like) on the boot server: data from port 69 are answers too",
    )
    if not bridge:
        return NoPlan("for whom it was found is not known", ways)
    step = AddTftpHelper(bridge=bridge)
    typed = " ".join(step.argv())
    if translates_tftp(facts.host) is not True:
        return NoPlan(
            "the kernel has no nf_nat_tftp loaded, and without it the helper does not help behind NAT",
            (f"modprobe nf_nat_tftp; {typed}", *ways),
        )
    if not _has_iptables(facts):
        return NoPlan("this host has no rules of iptables", (f"where iptables is installed: {typed}", *ways))
    stays = kept(facts.host, step.kept)
    if stays is not None:
        return Plan(steps=(step, stays), other_ways=ways)
    keep = f"For good: `{typed}` wherever this host keeps its rules; the live one ends with a reboot."
    return Plan(steps=(step,), other_ways=(keep, *ways))


def _has_iptables(facts: Facts) -> bool:
    rules = facts.host.netfilter
    return not isinstance(rules, Missing) and any(entry.dialect == "iptables-save" for entry in rules.listings)
