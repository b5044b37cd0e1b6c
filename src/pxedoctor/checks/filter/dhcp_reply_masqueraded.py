"""A rule of NAT rewrites the port from which the DHCP server answers, and the guest's firmware takes port 67 alone.

What it does
    Follows an OFFER from a UDP server of this host through the NAT rules at POSTROUTING, broadcast and unicast. Holds
    where a rule masquerades it, or gives it another source, and may choose a port: --to-ports, --random, SNAT with
    ports. A MASQUERADE without any of these keeps the port, and is fine. An offer that a probe heard says it at once.

Why the guest fails
    libvirt masquerades what leaves its network for elsewhere, and 255.255.255.255 is elsewhere to the rule: without a
    RETURN for it the OFFER to everybody goes out from a port above 1023. Linux' clients do not look at that port. The
    client of OVMF (EDK2) hears port 67 alone, and it is the one that asks for answers to everybody.

What you see
    Linux guests get their address, UEFI guests do not: PXE-E18, PXE-E16. In tcpdump on the tap the OFFER comes from
    192.168.122.1.5442 instead of .67. Once rewritten, the flow is remembered: until 30 s after the last OFFER.

Fix
    Accept the answers (from port 67 to 68) before the rule that rewrites them: NAT leaves alone what is accepted there.
    libvirt writes its own RETURN, for 255.255.255.255/32, whenever it writes the rules of a network.

Fix safety
    SAFE: one service of this host towards one bridge of guests is no longer translated, which no client needs.

References
    libvirt commit 51e184e9821, src/network/network_iptables.c iptablesForwardDontMasquerade, iptables-extensions(8)
    MASQUERADE, Linux net/netfilter/nf_nat_core.c get_unique_tuple, edk2 Dhcp4Dxe/Dhcp4Impl.c
"""

import re

from pxedoctor.checks.opened import obstacle_at
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Severity
from pxedoctor.model.client import client_named
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.answering import Server, ServerKind
from pxedoctor.road.exchange import road_of, servers
from pxedoctor.road.hop import RuleRef
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.probed import Heard, heard_offers
from pxedoctor.road.refusing import where

META = Meta(
    code="NF008",
    name="dhcp-reply-masqueraded",
    stage=Stage.FILTER,
    needs=("netfilter", "bridges"),
    consults=("networks", "processes", "sockets", "links", "firewall_files"),
    fix="sometimes",
)

_SERVER_PORT = 67
_HOOK = "ip postrouting"
_REPLIES = (PacketName.OFFER_BROADCAST, PacketName.OFFER_UNICAST)
# edk2 Dhcp4Dxe configures its UDP instance with RemotePort 67.
_TAKES_PORT_67_ALONE = frozenset({"ovmf", "ovmf-http"})
# Ports given to the rule, or chosen at random (iptables-extensions(8); nft(8) NAT STATEMENTS).
_CHOOSES_PORT = r"--to-ports |--random|--to-source \S+:\d|\bmasquerade to :|\b(?:fully-)?random\b|\bsnat to \S+:\d"


def check(facts: Facts, target: Target) -> Outcome:
    seen = _from_elsewhere(facts, target)
    if seen is not None:
        return _witnessed(facts, target, seen)
    here = [server for server in servers(facts, target) if server.kind is ServerKind.UDP]
    if not here:
        return NotApplicable("no DHCP server of this host answers on its bridge through a UDP socket")
    for name in _REPLIES:
        surely, perhaps = _rewriting(facts, target, name)
        if surely or perhaps:
            severity = _severity(target, name) if surely else "risk"
            return _broken(target, here[0], name, (*surely, *perhaps)[0], severity)
    return Fine("no rule of NAT gives the server's replies another port")


def _from_elsewhere(facts: Facts, target: Target) -> Heard | None:
    return next((heard for heard in heard_offers(facts, target) if heard.offer.source_port != _SERVER_PORT), None)


def _witnessed(facts: Facts, target: Target, heard: Heard) -> Broken:
    """A probe heard the rewritten offer itself. Which rule did it is told where one is found."""
    offer, bridge = heard.offer, target.bridge or ""
    client = target.client or client_named(heard.probe.profile)
    fatal = client is not None and client.name in _TAKES_PORT_67_ALONE
    rules = [(rule, name) for name in _REPLIES for found in _rewriting(facts, target, name) for rule in found]
    who = client.title if client is not None and fatal else "OVMF"
    told = f"an offer of {offer.server} came from port {offer.source_port}"
    return Broken(
        headline=f"The server's replies come from another port than 67 on {bridge}; {who} takes port 67 alone.",
        subject=bridge,
        scope="bridge",
        hop=Hop.POSTROUTING,
        severity="broken" if fatal else "risk",
        evidence=(
            Evidence(told, heard.origin, str(offer.source_port)),
            *(_rule(rule, name) for rule, name in rules[:1]),
        ),
    )


def _rewriting(facts: Facts, target: Target, name: PacketName) -> tuple[list[RuleRef], list[RuleRef]]:
    """The rules that surely give the reply another port, and those that may."""
    road = road_of(facts, target, name)
    hops = [hop for hop in road.hops if hop.hook == _HOOK] if road is not None else []
    surely = [rule for hop in hops for rule in hop.rewrites if re.search(_CHOOSES_PORT, rule.text)]
    perhaps = [rule for hop in hops for rule in hop.may_rewrite if re.search(_CHOOSES_PORT, rule.text)]
    return surely, perhaps


def _severity(target: Target, name: PacketName) -> Severity:
    client = target.client.name if target.client else ""
    return "broken" if client in _TAKES_PORT_67_ALONE and name is PacketName.OFFER_BROADCAST else "risk"


def _broken(target: Target, server: Server, name: PacketName, rule: RuleRef, severity: Severity) -> Broken:
    bridge = target.bridge or ""
    kind = "to everybody" if name is PacketName.OFFER_BROADCAST else "to one address"
    client = target.client.title if target.client else "OVMF"
    who = f"{client} takes them from port 67 alone" if severity == "broken" else "OVMF takes them from port 67 alone"
    return Broken(
        headline=f"A rule of {where(rule)} gives the server's replies {kind} another port than 67 on {bridge}; {who}.",
        subject=bridge,
        scope="network" if server.network else "bridge",
        hop=Hop.POSTROUTING,
        severity=severity,
        evidence=(
            Evidence(server.why, "processes, sockets, libvirt's networks"),
            _rule(rule, name),
            Evidence("what will ask for an address", target.client_why or "not known", client if target.client else ""),
        ),
    )


def _rule(rule: RuleRef, name: PacketName) -> Evidence:
    at = f", handle {rule.handle}" if rule.handle else f", line {rule.line}" if rule.line else ""
    origin = f"{rule.family} {rule.table} {rule.chain}{at} (`{rule.origin}`)"
    return Evidence(f"an {name} is rewritten", origin, rule.text)


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.firewall_base import in_base_chain
    from pxedoctor.plans.firewall_opening import Opening

    target = finding.first
    both = [_rewriting(facts, target, name) for name in _REPLIES if target]
    rules = [rule for surely, perhaps in both for rule in (*surely, *perhaps)]
    found = obstacle_at(facts.host, _HOOK, rules[0]) if rules else None
    if found is None:
        return NoPlan("the rule that rewrites the replies could not be found again")
    wants = Opening(interface=finding.broken.subject, service="dhcp", direction="out")
    return in_base_chain(facts.host, found, wants, found.base)
