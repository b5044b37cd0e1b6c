"""The host's routes as rules ask them (netfilter.routes), and whether they alone decide about what is routed."""

from collections.abc import Iterator
from ipaddress import ip_network

import msgspec

from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.route import Route, RoutingRule
from pxedoctor.netfilter.address import overlap, within
from pxedoctor.netfilter.routes import Prefix, Routes, Rule, Version, meets_mark
from pxedoctor.netfilter.seen import Range
from pxedoctor.road.route_net import Net, net_named, net_of

_FAMILIES: dict[Version, str] = {4: "inet", 6: "inet6"}
_TABLES = frozenset({"local", "main"})
_LOOPBACK = "lo"
_LINK_LOCAL = ip_network("fe80::/64")


def routes_of(host: Host) -> Routes | None:
    """None where they, or the devices, are not known, or where one of the routes is not understood."""
    if isinstance(host.routes, Missing) or isinstance(host.links, Missing):
        return None
    found = tuple(_prefix(route) for route in host.routes)
    understood = tuple(prefix for prefix in found if prefix is not None)
    masters = tuple((link.name, link.master) for link in host.links if link.master)
    if len(understood) < len(found):
        return None
    rules = None if isinstance(host.routing_rules, Missing) else tuple(_rules(host.routing_rules))
    return Routes((*understood, *_to_come(host)), masters, rules)


def _to_come(host: Host) -> tuple[Prefix, ...]:
    """The link-local nets of devices without carrier: they come with the first one (net/ipv6/addrconf.c).

    A new bridge has none until its first guest starts, and that guest's packets meet the routes of then.
    """
    sysctls = {} if isinstance(host.sysctls, Missing) else host.sysctls
    net = _span(_LINK_LOCAL)
    waiting = [(link.name, f"net/ipv6/conf/{link.name}") for link in known(host.links) if not link.carrier]
    return tuple(
        Prefix(version=6, net=net, device=name, sure=_comes(sysctls, settings))
        for name, settings in waiting
        if sysctls.get(f"{settings}/disable_ipv6") != "1"
    )


def _comes(sysctls: dict[str, str], settings: str) -> bool:
    """Not where the kernel makes no address by itself (ip-link(8) addrgenmode none, which is 1)."""
    makes = sysctls.get(f"{settings}/addr_gen_mode", "1") != "1"
    return makes and sysctls.get(f"{settings}/disable_ipv6") == "0"


def _prefix(route: Route) -> Prefix | None:
    net = net_of(route)
    if net is None:
        return None
    version: Version = 4 if net.version == 4 else 6
    return Prefix(version=version, net=_span(net), device=route.device, kind=route.kind, table=route.table)


def _span(net: Net) -> Range:
    return int(net.network_address), int(net.broadcast_address)


def _rules(told: tuple[RoutingRule, ...]) -> Iterator[Rule]:
    """Who asks for a way back is the loopback device to them (flowi_iif), and a device in no VRF has no l3mdev."""
    for rule in told:
        never = rule.device not in {"", _LOOPBACK} and "not" not in rule.others
        if not never and rule.others != ("l3mdev",):
            version: Version = 4 if rule.family == "inet" else 6
            certain = not (rule.others or rule.device or rule.source) and rule.suppresses is None
            yield Rule(version=version, table=rule.table, mark=rule.mark, certain=certain)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A packet to one of the addresses `to`, as rules of policy routing see it (ip-rule(8)).

    `inward`: the device that it came in through, `lo` for what this host sends. `source`: the sender's address, or
    several; `mark`: the packet's; None: not known.
    """

    version: Version
    to: Range
    inward: str
    source: Range | None = None
    mark: int | None = None


def asks_elsewhere(host: Host, asked: Asked) -> bool:
    """Whether another table than main's may decide about the packet.

    The rules are asked in their order, up to the one by which main surely has a route for it. What one asks besides
    the sender, a mark and the device is taken as met.
    """
    rules = () if isinstance(host.routing_rules, Missing) else host.routing_rules
    family = _FAMILIES[asked.version]
    for rule in (rule for rule in rules if rule.family == family and _may_meet(rule, asked)):
        if rule.table == "main" and _finds_in_main(host, rule, asked.to):
            return False
        if rule.table not in _TABLES and _may_answer(host, rule, asked):
            return True
    return False


def _may_meet(rule: RoutingRule, asked: Asked) -> bool:
    if "not" in rule.others:
        return True
    marked = meets_mark(rule.mark, asked.mark) is not False
    return marked and rule.device in {"", asked.inward} and _may_be_from(rule.source, asked.source)


def _may_be_from(words: str, source: Range | None) -> bool:
    """One that is not understood may be."""
    net = net_named(words) if words and source is not None else None
    return net is None or source is None or overlap(_span(net), source)


def _finds_in_main(host: Host, rule: RoutingRule, to: Range) -> bool:
    """Whether it asks main for every packet, and is content with what main has (wg-quick's is not with a default)."""
    if rule.others or rule.mark is not None or rule.source:
        return False
    least = rule.suppresses
    if least is None:
        return True
    of_main = [(net, route) for route in known(host.routes) if route.table == "main" and (net := net_of(route))]
    near = [(net, route) for net, route in of_main if route.family == rule.family and overlap(_span(net), to)]
    passed_on = any(route.kind == "throw" for _, route in near)
    return not passed_on and any(within(to, _span(net)) and net.prefixlen > least for net, _ in near)


def _may_answer(host: Host, rule: RoutingRule, asked: Asked) -> bool:
    """A VRF's rule is for who is in one; any other that looks up no table jumps, or refuses."""
    if rule.others == ("l3mdev",):
        link = host.link(asked.inward)
        return link is not None and bool(link.master)
    of_table = (route for route in known(host.routes) if (route.family, route.table) == (rule.family, rule.table))
    return not rule.table or any(_may_be_for(route, asked.to) for route in of_table)


def _may_be_for(route: Route, to: Range) -> bool:
    """One that is not understood may be."""
    net = net_of(route)
    return net is None or overlap(_span(net), to)
