"""A running libvirt network's firewall rules, or the jumps that lead to them, are gone.

What it does
    Looks for the rules that libvirt wrote when the network started, in the backend that it used: with iptables the
    chains LIBVIRT_*, the jumps to them and this network's rules in them; with nftables the table libvirt_network.
    Then walks the guest's DISCOVER through the host's INPUT, as it is and as it would be with the rules back.

Why the guest fails
    libvirt opens DHCP and DNS of its bridge in the host's own INPUT, once, when the network or its daemon starts.
    Whoever loads another ruleset afterwards (a firewall script's `iptables -F`, `nft flush ruleset`, a restart of the
    distribution's firewall service) takes that opening away, and nobody puts it back. Where INPUT drops what is not
    opened, the DISCOVER dies before dnsmasq sees it. This is the first cause of the founding page: "the iptables
    rules that libvirt adds have been overridden". Where the host lets everything in, DHCP goes on working; NAT and
    the isolation of the guests are gone all the same. Networks of mode open or bridge have no rules, and nothing is
    missing there.

What you see
    PXE-E51 or "No configuration methods succeeded", and no DHCPDISCOVER in dnsmasq's log, while tcpdump on the bridge
    shows it. `iptables -S INPUT` has no line `-j LIBVIRT_INP`, or `iptables -S LIBVIRT_INP` no line with the bridge. A
    reload of libvirt (SIGHUP) after a flush fills the chains again but not the jumps: the rules look right and are
    dead.

Fix
    Restart the daemon that owns the networks (virtnetworkd, else libvirtd): it writes chains, jumps and rules anew.
    Where only rules inside the chains are gone a reload is enough. Never net-destroy and net-start: that unplugs
    every running guest. For good, load the other firewall before libvirt, or have it keep libvirt's chains.

Fix safety
    SAFE: guests, taps and dnsmasq outlive the daemon (KillMode=process); an open `virsh console` closes and can be
    opened again. RISKY where a monolithic libvirtd migrates a guest or runs another job: that breaks off; and where
    guests run behind NAT and no rule but libvirt's tracks connections: theirs are reset. A restart has no undo.

References
    https://wiki.libvirt.org/PXE_boot_or_dhcp_on_guest_failed.html (the first cause), libvirt
    src/network/network_iptables.c, network_nftables.c, bridge_driver.c networkReloadFirewallRules
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.target import Facts, Target
from pxedoctor.netfilter.ruleset import Ruleset, understood
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.hop import Fate, RoadHop
from pxedoctor.road.input import hop_through
from pxedoctor.road.own_rules import Gone, What, gone_from, restored
from pxedoctor.road.witnessed import weighed

META = Meta(
    code="NF001",
    name="libvirt-rules-missing",
    stage=Stage.FILTER,
    needs=("networks", "libvirt"),
    fix="sometimes",
    consults=("netfilter", "firewalld", "domains", "bridges"),
)


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    network = host.network(target.network) if target.network else host.network_on(target.bridge or "")
    if network is None:
        return NotApplicable("it is on no virtual network of libvirt")
    if not network.active:
        return NotApplicable(f"the network {network.name} is not running (see network-inactive)")
    if not network.has_own_rules or network.backend == "none":
        return NotApplicable(f"libvirt writes no rules for the network {network.name} (mode {network.forward})")
    ruleset = understood(known(host.netfilter))
    missing = gone_from(facts, network)
    if not missing:
        return Fine(f"libvirt's rules for {network.name} are there, and the jumps to them")
    if ruleset.unlisted:
        entry = ruleset.unlisted[0]
        return Unknown(missing=entry.why, would_help=entry.would_help)
    broken = _judge(host, network, ruleset, missing)
    return weighed(broken, facts, target) if broken.severity == "broken" else broken


def _judge(host: Host, network: Network, ruleset: Ruleset, missing: tuple[Gone, ...]) -> Broken:
    now = hop_through(host, network.bridge, ruleset)
    then = hop_through(host, network.bridge, restored(network, ruleset))
    dies_of_it = now.predicted is Fate.DROP and then.predicted is not Fate.DROP
    return Broken(
        headline=f"{_what_is_gone(network, missing)}; {_what_follows(now, missing, dies_of_it)}.",
        subject=network.name,
        scope="network",
        hop=Hop.INPUT,
        severity="broken" if dies_of_it and network.serves_dhcp else "risk",
        evidence=(*(_part(part) for part in missing), _input(now), *_daemon(host)),
    )


def _what_is_gone(network: Network, missing: tuple[Gone, ...]) -> str:
    if all(part.what is What.JUMP for part in missing):
        return f"libvirt's rules for the network {network.name} are there, but nothing leads to them any more"
    return f"libvirt's rules for the network {network.name} are gone"


def _what_follows(now: RoadHop, missing: tuple[Gone, ...], dies_of_it: bool) -> str:
    if dies_of_it:
        return f"the DISCOVER of its guests dies at this host's INPUT: {now.why}"
    if now.predicted is Fate.DROP:
        return f"the DISCOVER dies of something else: {now.why}"
    if now.predicted is Fate.UNKNOWN:
        return "whether DHCP still comes in is not known"
    lost = ", ".join(dict.fromkeys(part.purpose.value for part in missing))
    return f"DHCP still comes in through the host's own rules, but this is dead: {lost}"


def _part(part: Gone) -> Evidence:
    return Evidence(part.text, part.origin)


def _input(now: RoadHop) -> Evidence:
    rule = now.rule
    if rule is None:
        return Evidence(f"a DISCOVER at INPUT: {now.why}", "netfilter's tables")
    line = f", line {rule.line}" if rule.line else ""
    return Evidence(f"a DISCOVER at INPUT: {now.why}", f"{rule.family} {rule.table} {rule.chain}{line}", rule.text)


def _daemon(host: Host) -> tuple[Evidence, ...]:
    owner = None if isinstance(host.libvirt, Missing) else host.libvirt.network_owner
    if owner is None:
        return (Evidence("no daemon of libvirt runs: nobody would put the rules back", "/run/*.pid"),)
    if owner.asleep:
        return (Evidence(f"{owner.name} sleeps behind its socket; it writes them back when it wakes", "/run/libvirt"),)
    return ()


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.service import reload_of, restart_of
    from pxedoctor.plans.show_only import restart_of_network

    network = facts.host.network(finding.broken.subject)
    libvirt = facts.host.libvirt
    if network is None or isinstance(libvirt, Missing) or isinstance(facts.host.netfilter, Missing):
        return NoPlan("the network or libvirt's daemons are not known any more")
    owner = libvirt.network_owner
    if owner is None:
        because = "no daemon of libvirt runs or sleeps here, and which one this host uses is not known"
        return NoPlan(because, ("systemctl start virtnetworkd (or libvirtd): it writes the rules when it starts",))
    missing = gone_from(facts, network)
    rules_only = all(part.what is What.RULES for part in missing)
    if rules_only and not owner.asleep:
        return Plan(
            steps=(reload_of(facts.host, owner.name, f"the rules of {network.name} are back in libvirt's chains"),)
        )
    afterwards = f"libvirt's chains, the jumps to them and the rules of {network.name} are back"
    step = restart_of(facts.host, owner.name, afterwards)
    reload = f"A reload of {owner.name}: not enough, it fills chains that are there and brings no jump or chain back."
    return Plan(steps=(step,), other_ways=(reload,), shown=(restart_of_network(network.name),))
