"""The host's routes as rules ask them (netfilter.routes), and whether they alone decide about what is routed."""

from collections.abc import Iterator
from ipaddress import ip_network

from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.route import Route, RoutingRule
from pxedoctor.netfilter.address import overlap
from pxedoctor.netfilter.routes import Prefix, Routes, Rule, Version, meets_mark
from pxedoctor.netfilter.seen import Range
from pxedoctor.road.route_net import Net, net_of

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
            certain = not rule.others and not rule.device
            yield Rule(version=version, table=rule.table, mark=rule.mark, certain=certain)


def asks_elsewhere(host: Host, version: Version, addresses: Range, inward: str, mark: int | None = None) -> bool:
    """Whether another table than main's may decide about a packet for one of these that comes in through `inward`.

    The rules are asked in their order (ip-rule(8)), up to the one that asks main for every packet. `mark`: the
    packet's; None: not known. What one asks besides that and the device is taken as met.
    """
    rules = () if isinstance(host.routing_rules, Missing) else host.routing_rules
    family = _FAMILIES[version]
    for rule in (rule for rule in rules if rule.family == family and _may_meet(rule, inward, mark)):
        if rule.table == "main" and not rule.others and rule.mark is None:
            return False
        if rule.table not in _TABLES and _may_answer(host, rule, addresses, inward):
            return True
    return False


def _may_meet(rule: RoutingRule, inward: str, mark: int | None) -> bool:
    if "not" in rule.others:
        return True
    return meets_mark(rule.mark, mark) is not False and rule.device in {"", inward}


def _may_answer(host: Host, rule: RoutingRule, addresses: Range, inward: str) -> bool:
    """A VRF's rule is for who is in one; any other that looks up no table jumps, or refuses."""
    if rule.others == ("l3mdev",):
        link = host.link(inward)
        return link is not None and bool(link.master)
    of_table = (route for route in known(host.routes) if (route.family, route.table) == (rule.family, rule.table))
    return not rule.table or any(_may_be_for(route, addresses) for route in of_table)


def _may_be_for(route: Route, addresses: Range) -> bool:
    """One that is not understood may be."""
    prefix = _prefix(route)
    return prefix is None or overlap(prefix.net, addresses)
