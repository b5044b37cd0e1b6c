"""Somebody answers for the address that a guest is about to take, and its client declines it, for ever.

What it does
    A probe asks who has the address that it was offered, as a client does before it takes one (RFC 5227). Holds where
    another than the guest itself answers; says who that is where this host knows. Without a probe: whether this host
    takes addresses of the guests' network for its own (a route of type local, "AnyIP").

Why the guest fails
    A client that asks first takes an answer as proof that the address is in use: it sends DECLINE and begins anew. A
    machine that answers for every address makes that endless. Clients that do not ask take the address, and lose what
    is sent to it to the machine that answers first. Linux' sysctl proxy_arp does not do this: its kernel answers a
    question without a sender only for addresses that are its own. A local route for a whole prefix makes them so; so
    do daemons that answer for others (choparp, farpd), and some routers and user-mode networks.

What you see
    DHCPDISCOVER, OFFER, REQUEST, ACK, DECLINE in the server's log, again and again with other addresses, until the pool
    is empty. "DAD detected", "address in use", "declining" in the guest. `arping -D -I BR ADDRESS` is answered.

Fix
    Where it is this host: ip route del local PREFIX dev lo, or a smaller prefix that leaves the pool alone. Elsewhere:
    find the machine by its MAC (bridge fdb show), and have it answer for its own addresses only.

Fix safety
    RISKY: something on this host may listen on addresses of that prefix, and is no longer reached. None where another
    machine answers.

References
    RFC 5227, RFC 2131 section 4.4.1; Linux net/ipv4/arp.c arp_process (sip 0), ip-route(8) local; corpus of reports:
    LekKit/RVVM#223, openwrt/openwrt#14309, lwip-tcpip/lwip#95
"""

from ipaddress import IPv4Address, IPv4Network

import msgspec

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome
from pxedoctor.model.client import client_named
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.observation import Probed, SeenArp
from pxedoctor.model.route import Route
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.probed import named

META = Meta(
    code="BR009",
    name="proxy-arp-answers-probes",
    stage=Stage.BRIDGE,
    needs=("links", "bridges"),
    consults=("routes", "domains"),
    fix="sometimes",
)

# dhcpcd by its profile; Windows asks before it takes a lease (Microsoft KB 199773). iPXE, OVMF, udhcpc and dhclient do
# not ask, unless they are told to.
_ASKS_FIRST = frozenset({"dhcpcd", "windows"})
_TABLE = "ip -4 route show table local"


class _Answer(msgspec.Struct, frozen=True):
    """Somebody's answer to a probe's question for the offered address."""

    probe: Probed
    arp: SeenArp


def check(facts: Facts, target: Target) -> Outcome:
    if facts.host.bridge(target.bridge or "") is None:
        return NotApplicable("it is plugged into no Linux bridge that exists now")
    asked = [_Answer(probe, arp) for probe in facts.probed(target.id) for arp in probe.arps if arp.asked == "offered"]
    answered = next((answer for answer in asked if _is_conflict(answer, target)), None)
    if answered is not None:
        return _witnessed(facts.host, target, answered)
    if asked:
        return Fine(f"nobody answers for {asked[0].arp.address}, which was offered")
    route = _own_prefix(facts.host, target)
    return Fine("this host answers for none of the guests' addresses") if route is None else _by_route(target, route)


def _is_conflict(answer: _Answer, target: Target) -> bool:
    """The guest itself may have its address already: the probe asks in its name, and is offered the same."""
    return answer.arp.mac.lower() not in {"", (target.mac or "").lower(), answer.probe.asked_for.lower()}


def _witnessed(host: Host, target: Target, answer: _Answer) -> Broken:
    arp, bridge = answer.arp, answer.probe.bridge
    who = _who(host, bridge, arp.mac)
    client = target.client or client_named(answer.probe.profile)
    declines = client is not None and client.name in _ASKS_FIRST
    effect = f"{client.title} declines it" if client and declines else "a client that asks first declines it"
    told = Evidence(f"{arp.mac} answered for {arp.address}, which was offered", named(answer.probe), arp.mac)
    route = _holds(host, arp.address) if _is_this_host(host, bridge, arp.mac) else None
    return Broken(
        headline=f"{who} answers for the address that is offered on {bridge}, {arp.address}: {effect}.",
        subject=bridge,
        scope="bridge",
        hop=Hop.CLIENT,
        severity="broken" if declines else "risk",
        evidence=(told, *((_of_route(route),) if route is not None else ())),
    )


def _who(host: Host, bridge: str, mac: str) -> str:
    if _is_this_host(host, bridge, mac):
        return "This host"
    domains = () if isinstance(host.domains, Missing) else host.domains
    guest = next((entry.name for entry in domains for nic in entry.nics if nic.mac == mac.lower()), None)
    return f"The guest {guest} ({mac})" if guest else mac


def _is_this_host(host: Host, bridge: str, mac: str) -> bool:
    link = host.link(bridge)
    return link is not None and link.mac.lower() == mac.lower()


def _by_route(target: Target, route: Route) -> Broken:
    return Broken(
        headline=f"This host takes all of {route.destination} for its own, and answers for it on {target.bridge}.",
        subject=target.bridge or "",
        scope="bridge",
        hop=Hop.CLIENT,
        severity="risk",
        certainty="likely",
        evidence=(_of_route(route),),
    )


def _of_route(route: Route) -> Evidence:
    text = "a local route makes a whole prefix this host's own"
    return Evidence(text, _TABLE, f"local {route.destination} dev {route.device}")


def _local_prefixes(host: Host) -> list[tuple[IPv4Network, Route]]:
    """Not those of single addresses, which are the devices' own, nor the loopback's."""
    routes = () if isinstance(host.routes, Missing) else host.routes
    everything = {"default": "0.0.0.0/0"}
    # A single address is listed without its /32: a host has one for each of its own.
    local = [
        route
        for route in routes
        if (route.family, route.kind, route.table) == ("inet", "local", "local")
        and (route.destination in everything or "/" in route.destination)
    ]
    prefixes = [(IPv4Network(everything.get(route.destination, route.destination)), route) for route in local]
    return [(prefix, route) for prefix, route in prefixes if prefix.prefixlen < 32 and not prefix.is_loopback]


def _holds(host: Host, address: str) -> Route | None:
    return next((route for prefix, route in host.once(_local_prefixes) if IPv4Address(address) in prefix), None)


def _own_prefix(host: Host, target: Target) -> Route | None:
    """A local route that takes addresses of the bridge's own network for this host's."""
    link = host.link(target.bridge or "")
    addresses = [entry for entry in (link.addresses if link is not None else ()) if entry.family == "inet"]
    nets = [IPv4Network(f"{entry.address}/{entry.prefix}", strict=False) for entry in addresses]
    return next((route for prefix, route in host.once(_local_prefixes) if any(map(prefix.overlaps, nets))), None)


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.route import RemoveLocalRoute

    route = next((route for route in _all_of(facts.host) if _named(route, finding)), None)
    if route is None:
        mac = finding.broken.evidence[0].value
        where = f"bridge fdb show br {finding.broken.subject} tells the port behind which {mac} is"
        return NoPlan("it is another machine that answers, or an address of this host's own devices", (where,))
    lose = f"What listens on this host on addresses of {route.destination} is no longer reached."
    step = RemoveLocalRoute(destination=route.destination, device=route.device, may_lose=lose)
    return Plan(
        steps=(step,),
        other_ways=(
            "Instead: a prefix for it that has none of the addresses that are handed out.",
            "For good: the same where this host adds that route; the live change ends with a reboot.",
        ),
    )


def _all_of(host: Host) -> list[Route]:
    return [route for _, route in host.once(_local_prefixes)]


def _named(route: Route, finding: Finding) -> bool:
    return any(
        evidence.value == f"local {route.destination} dev {route.device}" for evidence in finding.broken.evidence
    )
