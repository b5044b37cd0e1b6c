"""The libvirt network's prefix is also somewhere else on this host: on a NIC, another bridge, or behind a VPN's route.

What it does
    Compares the network with every route of the main table that leads to another device. Of a network that does not
    run: is there a route to the very same prefix? Of one that runs: for an address that it hands out, does a route to
    another device come before the bridge's own?

Why the guest fails
    libvirt refuses to start a network whose prefix is in the routing table already. The classic case is nested: the
    guest that is to be a host got 192.168.122.x from its own host's default network, and its own default network wants
    the same. If the other route comes later, both are there, and whatever the host sends to its guests by a route
    leaves by the better one: the OFFER still arrives, because dnsmasq names the bridge, and all that follows does not.

What you see
    "internal error: Network is already in use by interface eth0". Or: the guest gets its address and then its fetch
    times out; `ip route get ADDRESS` names another device than the bridge.

Fix
    Renumber the libvirt network: another <ip> and <range> in virsh net-edit, then net-destroy and net-start, and start
    its guests anew. Or have the VPN, or the other NIC, not carry that prefix.

Fix safety
    No plan: guests, firewalls and scripts may know the addresses by heart, and which of the two keeps them is for a
    person to say.

References
    libvirt src/network/bridge_driver_linux.c (networkCheckRouteCollision); dnsmasq src/dhcp.c (IP_PKTINFO);
    virt-lightning#370, vagrant-libvirt#617, cockpit#14942
"""

from ipaddress import IPv4Address, IPv4Network

import msgspec

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.libvirt import Network, Subnet
from pxedoctor.model.route import Route
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.network import hidden_network, makes_bridge, network_of
from pxedoctor.road.routed_to import main_routes, route_to
from pxedoctor.road.subnet import ipv4_subnets

META = Meta(
    code="DS006",
    name="subnet-overlap",
    stage=Stage.SERVER,
    needs=("networks",),
    consults=("routes", "bridges"),
    fix="never",
    explains=("network-inactive",),
)

_ROUTES = "ip -4 route show table main"

Routes = tuple[tuple[IPv4Network, Route], ...]
Span = tuple[IPv4Address, IPv4Address]


class Overlap(msgspec.Struct, frozen=True, kw_only=True):
    """A route to another device for addresses that the network hands out; `wins`: the host takes it for `address`."""

    route: Route
    address: IPv4Address
    wins: bool


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    known(host.networks)
    hidden = hidden_network(host, target)
    if hidden is not None:
        missing = f"the network {hidden.name}: {hidden.why}"
        return Unknown(missing=missing, would_help="run it as root, or mend that file", on_road=True)
    network = network_of(host, target)
    if network is None or not makes_bridge(network):
        return NotApplicable("it is plugged into no network to which libvirt gives a prefix")
    nets = ipv4_subnets(network)
    if not nets:
        return NotApplicable(f"the network {network.name} has no IPv4 address")
    if isinstance(host.routes, Missing):
        # Not on the road: the walk of the packets says itself where it misses a route.
        return Unknown(missing=host.routes.why, would_help=host.routes.would_help)
    routes = tuple(entry for entry in main_routes(host) if entry[1].device and entry[1].destination != "default")
    if not network.active:
        by_hand = target.network is None and host.bridge(target.bridge or "") is not None
        return NotApplicable("it is on a bridge that somebody else made") if by_hand else _refused(network, routes)
    found = [overlap for subnet, net in nets for overlap in _overlaps(network, _spans(subnet, net), routes)]
    if not found:
        return Fine(f"no route to another device covers an address that the network {network.name} hands out")
    return _diverted(network, max(found, key=lambda overlap: overlap.wins))


def _refused(network: Network, routes: Routes) -> Outcome:
    """libvirt compares whole prefixes alone: a route that is longer or shorter does not keep it from starting."""
    for subnet, net in ipv4_subnets(network):
        for other, route in routes:
            if other == net and route.device != network.bridge:
                return Broken(
                    headline=f"the network {network.name} cannot start: its prefix {net} is already that of "
                    f"{route.device}, and libvirt refuses to have it twice.",
                    subject=network.name,
                    scope="network",
                    hop=Hop.BRIDGE,
                    evidence=(_of_network(network, subnet), _of_route(route)),
                )
    return Fine(f"no route of this host is for the prefix of the network {network.name}")


def _of_network(network: Network, subnet: Subnet) -> Evidence:
    return Evidence("the network's own prefix", f"{network.origin}: ip", f"{subnet.address}/{subnet.prefix}")


def _of_route(route: Route) -> Evidence:
    way = f"{route.destination}{f' via {route.gateway}' if route.gateway else ''} dev {route.device}"
    metric = f" metric {route.metric}" if route.metric else ""
    return Evidence(f"a route for it leads to {route.device}", _ROUTES, f"{way}{metric}")


def _spans(subnet: Subnet, net: IPv4Network) -> tuple[Span, ...]:
    """What its dnsmasq hands out; of a network that hands out nothing, and of which no more is known, the whole."""
    ends = (*subnet.ranges, *((entry.address, entry.address) for entry in subnet.reserved if entry.address))
    try:
        spans = tuple((IPv4Address(first), IPv4Address(last)) for first, last in ends)
    except ValueError:
        spans = ()
    return spans or ((net.network_address, net.broadcast_address),)


def _overlaps(network: Network, spans: tuple[Span, ...], routes: Routes) -> list[Overlap]:
    # As numbers: of 500 networks each is held against the routes of all.
    numbers = [(int(first), int(last)) for first, last in spans]
    found = []
    for net, route in routes:
        if route.device == network.bridge:
            continue
        lowest, highest = int(net.network_address), int(net.broadcast_address)
        for first, last in numbers:
            if max(first, lowest) <= min(last, highest):
                address = IPv4Address(max(first, lowest))
                best = route_to(address, routes)
                found.append(Overlap(route=route, address=address, wins=best is route))
    return found


def _diverted(network: Network, overlap: Overlap) -> Broken:
    device = overlap.route.device
    if overlap.wins:
        headline = (
            f"what this host sends to guests on {network.bridge} leaves by {device}: a route there comes before "
            f"that of the network {network.name}."
        )
    else:
        headline = (
            f"{device} has addresses of the network {network.name} behind it too: the host sends to "
            f"{network.bridge}, and cannot reach those behind {device}."
        )
    return Broken(
        headline=headline,
        subject=network.name,
        scope="network",
        hop=Hop.OUTPUT,
        severity="broken" if overlap.wins else "risk",
        evidence=(
            *(_of_network(network, subnet) for subnet, _ in ipv4_subnets(network)),
            _of_route(overlap.route),
            Evidence(
                f"the host's way to {overlap.address}, which may be a guest's",
                f"ip route get {overlap.address}",
                device if overlap.wins else network.bridge,
            ),
        ),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    name = finding.broken.subject
    return NoPlan(
        "which of the two keeps its addresses is for a person to say: guests and scripts may know them by heart",
        (
            f"virsh net-edit {name}: another prefix in <ip> and <range>; net-destroy, net-start, and start its guests",
            "or have the other device not carry that prefix, e.g. AllowedIPs or route of a VPN",
        ),
    )
