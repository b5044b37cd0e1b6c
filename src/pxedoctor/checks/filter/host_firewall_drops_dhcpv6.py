"""A rule or policy of this host's firewall drops DHCPv6, or the router advertisements that tell of it.

What it does
    Where this host serves IPv6 on the guests' bridge, walks a SOLICIT (to UDP port 547), the ADVERTISE (to 546), and
    the router solicitation and advertisement through every base chain of the IPv6 and inet tables on their ways. Names
    the rule or policy that ends one of them, and whose it is.

Why the guest fails
    IPv6 has rules of its own: a firewall that was opened for IPv4 (ip6tables left with its policy, or an inet table
    that accepts UDP port 67 only) lets no SOLICIT in. And a guest asks DHCPv6 only where a router advertisement says
    so: with ICMPv6 types 133 to 136 closed there is no IPv6 at all, addresses of one's own choice included.

What you see
    PXE over IPv6 ends with PXE-E16 or PXE-E21, or takes its time and falls back to IPv4. iPXE's "ipv6 ... no
    configuration". In the server's log no DHCPSOLICIT, while tcpdump shows it on the bridge.

Fix
    One accept of UDP port 547 from this bridge, and of ICMPv6's router solicitations, in the words of the program
    whose rule refuses.

Fix safety
    SAFE: one port of this host from one bridge of guests. What is ICMPv6 is told, not done: no program's language has
    one word for it.

References
    RFC 8415 section 7.2 (ports), RFC 4861 (neighbour discovery), RFC 4890 section 4.4 (what a firewall must let pass),
    libvirt src/network/network_iptables.c networkAddIPv6FirewallRules
"""

from pxedoctor.checks.opened import opened
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.ended import FROM_HOST6, TO_HOST6, ended
from pxedoctor.road.exchange import needed, roads, servers
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.refusing import Refused, subject, told

META = Meta(
    code="NF012",
    name="host-firewall-drops-dhcpv6",
    stage=Stage.FILTER,
    needs=("netfilter", "bridges"),
    consults=("networks", "processes", "sockets", "links", "sysctls", "firewall_files"),
    fix="sometimes",
)
_DHCPV6 = (
    *(PacketName.SOLICIT, PacketName.ADVERTISE),
    *(PacketName.INFORMATION_REQUEST, PacketName.INFORMATION_REPLY),
)
_ROUTERS = (PacketName.ROUTER_SOLICITATION, PacketName.ROUTER_ADVERTISEMENT)
_HOOKS = (*TO_HOST6, *FROM_HOST6)


def check(facts: Facts, target: Target) -> Outcome:
    asked = {road.packet for road in roads(facts, target)} & {*_DHCPV6, *_ROUTERS}
    if not asked or not all(server.here or server.only_ipv6 for server in servers(facts, target)):
        return NotApplicable("this host serves no IPv6 on its bridge, as far as is known")
    found = ended(facts, target, [name for name in (*_DHCPV6, *_ROUTERS) if name in asked], _HOOKS)
    if isinstance(found, Refused):
        return _broken(target, found, _is_needed(facts, target, found.packet))
    return found if isinstance(found, Unknown) else Fine("no rule of this host ends DHCPv6 or router advertisements")


def _is_needed(facts: Facts, target: Target, packet: PacketName) -> bool:
    """Where there are no leases, a guest gets its address by a router's advertisement."""
    if any(server.six is not None and not server.six.leases for server in servers(facts, target)):
        return any(packet in group for group in needed(facts, target))
    return packet in _DHCPV6


def _broken(target: Target, found: Refused, needed: bool) -> Broken:
    bridge = target.bridge or ""
    return Broken(
        headline=f"{subject(found.rule)} drops the {found.packet} of {bridge}'s guests.",
        subject=bridge,
        scope="bridge",
        hop=found.hop.hop,
        leg=found.packet.leg,
        severity="broken" if needed else "risk",
        evidence=told(found),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.firewall_opening import Opening

    bridge = finding.broken.subject
    target = finding.first
    if target is None or not isinstance(ended(facts, target, _DHCPV6, _HOOKS), Refused):
        return NoPlan("no program has one word for router advertisements", (_ICMPV6.format(bridge=bridge),))
    answers = not isinstance(ended(facts, target, (PacketName.SOLICIT,), _HOOKS), Refused)
    wants = Opening(interface=bridge, service="dhcpv6", direction="out" if answers else "in")
    return opened(facts, target, _DHCPV6, _HOOKS, wants)


_ICMPV6 = "let ICMPv6 types 133 to 136 from and to {bridge} pass (RFC 4890, section 4.4)"
