"""A rule or policy of this host's firewall drops the guests' DHCP requests before the server hears them.

What it does
    Walks a DISCOVER, and then a REQUEST, through every base chain that the kernel asks on their way to the server, in
    all tables: nftables', iptables' of both variants, ebtables'. Names the rule that ends them, or the policy, and the
    program whose it is. Where a more special cause explains this very drop, that one is reported instead: a zone of
    firewalld, libvirt's own rules that are gone, br_netfilter.

Why the guest fails
    Most firewalls let nothing in that nobody asked for, and a DISCOVER is just that. It helps nothing that some other
    table accepts it: every base chain at a hook sees the packet, and what one of them drops is dropped. libvirt opens
    DHCP in iptables' table alone, and its nftables backend (10.4 and later) opens nothing towards the host at all. A
    server that reads frames from a packet socket (ISC dhcpd, Kea) is not concerned: no rule at INPUT sees those.

What you see
    DISCOVERs on the bridge in tcpdump, nothing in the server's log; "[UFW BLOCK] IN=virbr0 ... DPT=67" in the kernel's
    log where ufw writes one. PXE-E51, PXE-E16, ipxe.org/040ee119. A restart of libvirt does not help where the rule
    stands above its jump, or in another table.

Fix
    One accept of UDP port 67 from this bridge, in the words of the program whose rule refuses: `ufw allow in on virbr0
    to any port 67 proto udp`, a service of firewalld's zone, an iptables rule or an nft rule in the refusing chain.

Fix safety
    SAFE: one port of this host from one bridge of guests. Not SAFE, and not offered, is a rule that its owner writes
    anew by itself, or one below IP that was written for single ports.

References
    nft(8) "Verdict statements", ufw(8), libvirt src/network/network_iptables.c, network_nftables.c, corpus of reports:
    canonical/lxd#14808, canonical/lxd#8716, NixOS/nixpkgs#424422
"""

from pxedoctor.checks.opened import opened
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.target import Facts, Target
from pxedoctor.netfilter.ruleset import understood
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.answering import Server, ServerKind
from pxedoctor.road.ended import ACROSS, TO_HOST
from pxedoctor.road.exchange import road_of, road_through, servers
from pxedoctor.road.hop import Fate
from pxedoctor.road.own_rules import gone, gone_from, restored
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.refusing import Refused, first_refused, first_unknown, subject, told
from pxedoctor.road.stale_index import dies_of_stale
from pxedoctor.road.witnessed import weighed
from pxedoctor.road.zone import in_zone

META = Meta(
    code="NF002",
    name="host-firewall-drops-dhcp",
    stage=Stage.FILTER,
    needs=("netfilter", "bridges"),
    consults=("networks", "processes", "sockets", "links", "sysctls", "firewalld", "firewall_files"),
    fix="sometimes",
)

_ASKED = (PacketName.DISCOVER, PacketName.REQUEST)


def check(facts: Facts, target: Target) -> Outcome:
    found = servers(facts, target)
    if not found or found[0].kind is ServerKind.UNKNOWN:
        return NotApplicable("who serves DHCP on its bridge is not known")
    hooks = ACROSS if found[0].kind is ServerKind.OUTSIDE else TO_HOST
    refused = first_refused(facts, target, _ASKED)
    if refused is not None and refused.hop.hook in hooks:
        special = _special_cause(facts, target, refused)
        if special:
            return NotApplicable(special)
        broken = _broken(facts, target, found[0], refused)
        return weighed(broken, facts, target) if refused.packet is PacketName.DISCOVER else broken
    unknown = first_unknown(facts, target, _ASKED, hooks)
    if unknown is not None:
        show = f"see `{unknown.rule.origin}`" if unknown.rule else "run it as root"
        return Unknown(missing=f"what becomes of a DISCOVER at {unknown.hook}: {unknown.why}", would_help=show)
    if refused is not None:
        return NotApplicable(f"the {refused.packet} dies elsewhere: {refused.hop.why}")
    return Fine(_passes(facts, target))


def _passes(facts: Facts, target: Target) -> str:
    road = road_of(facts, target, PacketName.DISCOVER)
    whys = [hop.why for hop in road.hops if hop.hook == "ip input"] if road else []
    return f"no rule of this host ends a DISCOVER: {whys[-1]}" if whys else "no rule of this host ends a DISCOVER"


def _special_cause(facts: Facts, target: Target, refused: Refused) -> str:
    """A more special cause of this very drop, with its name; "" where there is none."""
    host = facts.host
    if refused.rule.owner == "firewalld" and not isinstance(host.firewalld, Missing) and host.firewalld.running:
        ruled = in_zone(host, host.firewalld, target.bridge or "", "dhcp")
        if ruled.fate is Fate.DROP:
            return f"firewalld refuses it by its zones (see firewalld-zone-lost): {ruled.why}"
    index = dies_of_stale(facts, target, refused.packet)
    if index is not None:
        return (
            f"the rule that opens it names its bridge by a number that is gone, {index} (libvirt-rules-stale-ifindex)"
        )
    network = host.network_on(target.bridge or "")
    if network is None or not network.active or not network.has_own_rules:
        return ""
    rules = understood(known(host.netfilter))
    then = road_through(host, target, refused.packet, restored(network, rules)) if gone(network, rules) else None
    if then is not None and then.fate is not Fate.DROP:
        return "libvirt's own rules are gone, with which it would pass (see libvirt-rules-missing)"
    return ""


def _broken(facts: Facts, target: Target, server: Server, refused: Refused) -> Broken:
    bridge = target.bridge or ""
    return Broken(
        headline=f"{subject(refused.rule)} drops the {refused.packet} of {bridge}'s guests.",
        subject=bridge,
        scope="network" if server.network else "bridge",
        hop=refused.hop.hop,
        leg=refused.packet.leg,
        evidence=(
            Evidence(server.why, "processes, sockets, libvirt's networks"),
            *told(refused),
            *_libvirts(facts, bridge),
        ),
    )


def _libvirts(facts: Facts, bridge: str) -> tuple[Evidence, ...]:
    """What libvirt itself does about it, by its backend."""
    network = facts.host.network_on(bridge)
    if network is None or not network.has_own_rules:
        return ()
    if network.backend == "nftables":
        text = "libvirt's nftables backend opens nothing towards this host: its firewall must do it"
    elif gone_from(facts, network):
        text = "libvirt's own accept is gone too, and would not help: what one base chain drops is dropped"
    else:
        text = "libvirt's accept in LIBVIRT_INP stands and does not help: it comes later, or in another table"
    return (Evidence(text, network.origin, f"firewall backend {network.backend}"),)


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.firewall_opening import Opening

    bridge = finding.broken.subject
    return opened(facts, finding.first, _ASKED, (*TO_HOST, *ACROSS), Opening(interface=bridge, service="dhcp"))
