"""A firewall drops packets without a way back to their source, and this host has no route through the guests' bridge.

What it does
    Follows every packet of the guests' exchange into PREROUTING, where br_netfilter shows it bridged frames too. Holds
    where one ends there by a rule that asks for the way back (iptables' rpfilter, nft's `fib saddr . iif oif`), because
    no route of any table leads out through the bridge. The DISCOVER itself is exempt: 0.0.0.0 needs no way back.

Why the guest fails
    The rule is made for a host's own packets: what comes in through a device to which no route would lead back is
    forged. A host that only bridges has no address on the bridge and no route through it, so to the rule everything
    that passes there is forged: the OFFER of the server in the LAN first, and later whatever guests send. The sysctl
    rp_filter does no such thing: bridged frames never reach it.

What you see
    DISCOVERs leave the host, and the OFFERs come back to the uplink in tcpdump, never to the tap. It began with
    br_netfilter (Docker, Kubernetes, a rule with -m physdev), not with the firewall.

Fix
    An accept of what comes in through this bridge, before that rule. Or no IP rules for bridged frames at all:
    net.bridge.bridge-nf-call-iptables = 0. In firewalld (IPv6 alone): IPv6_rpfilter=no in firewalld.conf.

Fix safety
    RISKY: the rules after it in the same chain no longer see what comes in through the bridge, and nothing there drops
    forged sources any more. The switch is RISKY too: nwfilter's IP rules, Proxmox VE's firewall and Kubernetes rest on
    it.

References
    Linux net/ipv4/netfilter/ipt_rpfilter.c, net/ipv6/netfilter/ip6t_rpfilter.c, net/ipv4/netfilter/nft_fib_ipv4.c,
    iptables-extensions(8) rpfilter, nft(8) FIB EXPRESSIONS, firewalld.conf(5) IPv6_rpfilter, RFC 3704 section 2.2
"""

import re
from collections.abc import Collection

from pxedoctor.checks.opened import obstacle_at
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, NotApplicable, Outcome, Severity, Unknown
from pxedoctor.model.target import Facts, Target
from pxedoctor.netfilter.owner_names import Owner
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.exchange import road_of, roads, servers
from pxedoctor.road.hop import Fate, Road
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.refusing import Refused, refused, subject, told

META = Meta(
    code="NF007",
    name="rpfilter-drops-replies",
    stage=Stage.FILTER,
    needs=("netfilter", "bridges"),
    consults=("networks", "processes", "sockets", "links", "routes", "routing_rules", "sysctls", "firewall_files"),
    fix="sometimes",
)

_LEASE = (
    PacketName.OFFER_BROADCAST,
    PacketName.OFFER_UNICAST,
    PacketName.ACK_BROADCAST,
    PacketName.ACK_UNICAST,
    PacketName.DISCOVER,
)
# What a guest can do without at first.
_LATER = (
    PacketName.RENEW,
    PacketName.RENEW_ACK,
    PacketName.SOLICIT,
    PacketName.ADVERTISE,
    PacketName.INFORMATION_REQUEST,
    PacketName.INFORMATION_REPLY,
    PacketName.ROUTER_ADVERTISEMENT,
)
_HOOKS = ("ip prerouting", "ip6 prerouting")
_ASKS_WAY_BACK = r"\brpfilter\b|\bfib saddr\b.*\biif\b"


def check(facts: Facts, target: Target) -> Outcome:
    bridge = facts.host.bridge(target.bridge or "")
    if bridge is None or not servers(facts, target):
        return NotApplicable("it is plugged into no Linux bridge that exists now")
    asked = {road.packet for road in roads(facts, target)}
    for names, severity in _GROUPS:
        ended = _ended(facts, target, [name for name in names if name in asked])
        if ended is not None:
            return _broken(bridge.name, ended, severity)
    doubtful = next((road for road in roads(facts, target) if _is_doubtful(facts, road)), None)
    if doubtful is not None and doubtful.decisive is not None:
        return Unknown(
            missing=f"whether there is a way back to the source of {doubtful.packet}: {doubtful.decisive.why}",
            would_help="ip route get SOURCE; ip rule shows which tables are asked",
        )
    return Fine(f"no rule that asks for the way back ends what comes in through {bridge.name}")


_GROUPS: tuple[tuple[tuple[PacketName, ...], Severity], ...] = ((_LEASE, "broken"), (_LATER, "risk"))


def _ended(facts: Facts, target: Target, names: Collection[PacketName]) -> Refused | None:
    for name in names:
        found = refused(road_of(facts, target, name))
        if found is not None and _asks_way_back(facts, found):
            return found
    return None


def _asks_way_back(facts: Facts, found: Refused) -> bool:
    """By itself, or it ends what an earlier rule of its chain has not let go on (NixOS' nixos-fw-rpfilter)."""
    if found.hop.hook not in _HOOKS:
        return False
    if re.search(_ASKS_WAY_BACK, found.rule.text):
        return True
    obstacle = obstacle_at(facts.host, found.hop.hook, found.rule)
    chain = obstacle.table.chains.get(obstacle.chain) if obstacle else None
    return chain is not None and any(re.search(_ASKS_WAY_BACK, rule.text) for rule in chain.rules)


def _is_doubtful(facts: Facts, road: Road) -> bool:
    hop = road.decisive if road.packet in (*_LEASE, *_LATER) else None
    if hop is None or hop.predicted is not Fate.UNKNOWN or hop.rule is None:
        return False
    return _asks_way_back(facts, Refused(road.packet, hop, hop.rule))


def _broken(bridge: str, ended: Refused, severity: Severity) -> Broken:
    return Broken(
        headline=f"{subject(ended.rule)} drops the {ended.packet} of {bridge}'s guests: this host has no route through "
        f"{bridge}, so no source there has a way back.",
        subject=bridge,
        scope="bridge",
        hop=ended.hop.hop,
        leg=ended.packet.leg,
        severity=severity,
        evidence=(
            Evidence(f"no route leads out through {bridge}", "ip route show table all", "none"),
            *told(ended),
        ),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.firewall_base import in_base_chain
    from pxedoctor.plans.firewall_choice import with_switch
    from pxedoctor.plans.firewall_opening import Opening

    target = finding.first
    found = _ended(facts, target, (*_LEASE, *_LATER)) if target else None
    obstacle = obstacle_at(facts.host, found.hop.hook, found.rule) if found else None
    if obstacle is None:
        return NoPlan("the rule that asks for the way back could not be found again")
    if obstacle.owned.owner is Owner.FIREWALLD:
        return NoPlan(
            "firewalld asks for the way back of IPv6 before it asks its zones, for all devices alike",
            ("IPv6_rpfilter=no in /etc/firewalld/firewalld.conf, then firewall-cmd --reload",),
        )
    wants = Opening(interface=finding.broken.subject, service="dhcp", direction="arriving")
    made = in_base_chain(facts.host, obstacle, wants, obstacle.base)
    return with_switch(facts.host, obstacle, wants.interface, made)
