"""Rules for a guest bridge name it by a number that is no longer its own, so they meet nothing.

What it does
    Looks in nft's tables for conditions on a device's number (iif, oif) that no device of this host has, and walks the
    packets of the guest's boot through the rules as they are and as they would be if that number were its bridge's. A
    packet that dies now and would not then dies of it. In libvirt's own table (its nftables backend) such a number is
    told even where nothing dies of it: isolation and NAT are gone.

Why the guest fails
    nft keeps a device's number, not its name, when a rule says iif or oif. A bridge that is deleted and made anew (by
    ifdown and ifup, by a script, by net-destroy under a daemon that lost count) has another number, and the rule that
    opened DHCP for it matches nothing: the packet falls through to what drops. libvirt's nftables backend writes iif
    and oif for isolation and NAT.

What you see
    PXE-E51 after the bridge was made anew, though the rules "are all there". `nft list ruleset` prints a bare number,
    `iif 12 udp dport 67 accept`, where it printed a name before.

Fix
    libvirt's own rules: restart the daemon that owns the networks (virtnetworkd, else libvirtd). Others: load that
    ruleset again from its file, and write iifname and oifname into it, which follow the name.

Fix safety
    As for libvirt-rules-missing. None for rules that are not libvirt's: loading somebody's file anew may flush
    everybody's rules.

References
    nft(8) META EXPRESSIONS; Linux net/netfilter/nft_meta.c; libvirt src/network/network_nftables.c
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.target import Facts, Target
from pxedoctor.netfilter.owner import owner_of
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.exchange import roads
from pxedoctor.road.hop import Road
from pxedoctor.road.stale_index import StaleRule, dies_of_stale, stale_of

META = Meta(
    code="NF014",
    name="libvirt-rules-stale-ifindex",
    stage=Stage.FILTER,
    needs=("links", "bridges", "netfilter"),
    fix="sometimes",
    consults=("libvirt", "networks", "domains"),
    explains=("host-firewall-drops-dhcp",),
)
_LIBVIRT_TABLE = "libvirt_network"


def check(facts: Facts, target: Target) -> Outcome:
    bridge = facts.host.bridge(target.bridge or "")
    if bridge is None:
        return NotApplicable("it is plugged into no Linux bridge that exists now")
    known(facts.host.netfilter)
    stale = facts.once(stale_of)
    if not stale:
        return Fine("every device that rules name by its number is there")
    for road in roads(facts, target):
        index = dies_of_stale(facts, target, road.packet)
        if index is not None:
            return _broken(target, road, [entry for entry in stale if entry.index == index])
    own = [entry for entry in stale if entry.table.name == _LIBVIRT_TABLE]
    if own and facts.host.network_on(bridge.name) is not None:
        return _risk(facts.host, bridge.name, own)
    return Fine("rules name devices by numbers that none has, and no packet of this boot dies of it")


def _broken(target: Target, road: Road, stale: list[StaleRule]) -> Broken:
    hop = road.decisive
    bridge = target.bridge or ""
    return Broken(
        headline=f"A rule meant for {bridge} names it by the number {stale[0].index}, which no device has any more: "
        f"the {road.packet} dies, because {hop.why if hop else 'nothing else accepts it'}.",
        subject=bridge,
        scope="bridge",
        hop=hop.hop if hop else Hop.INPUT,
        leg=road.packet.leg,
        evidence=tuple(_rule(entry) for entry in stale),
    )


def _risk(host: Host, bridge: str, stale: list[StaleRule]) -> Broken:
    network = host.network_on(bridge)
    name = network.name if network else bridge
    return Broken(
        headline=f"libvirt's rules name a bridge by the number {stale[0].index}, which no device has any more: "
        f"isolation and NAT of the network {name} may be dead.",
        subject=bridge,
        scope="network",
        hop=Hop.FORWARD,
        severity="risk",
        evidence=tuple(_rule(entry) for entry in stale),
    )


def _rule(stale: StaleRule) -> Evidence:
    table, rule = stale.table, stale.rule
    handle = f", handle {rule.handle}" if rule.handle else f", line {rule.line}"
    origin = f"{table.family} {table.name} {rule.chain}{handle}"
    return Evidence(f"no device has the number {stale.index}", origin, rule.text)


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.service import restart_of

    stale = facts.once(stale_of)
    if not stale:
        return NoPlan("every device that rules name by its number is there again")
    if any(owner_of(entry.table.name, entry.rule.chain) == "libvirt" for entry in stale):
        daemon = "libvirtd" if isinstance(facts.host.libvirt, Missing) else facts.host.libvirt.network_daemon
        afterwards = "it writes its networks' rules anew, with today's numbers"
        return Plan(steps=(restart_of(facts.host, daemon, afterwards),))
    tables = ", ".join(dict.fromkeys(f"{entry.table.family} {entry.table.name}" for entry in stale))
    return NoPlan(
        f"the rules are not libvirt's (table {tables}), and loading somebody's file anew may flush everybody's",
        ("load that table again from its file, and write iifname and oifname there instead of iif and oif",),
    )
