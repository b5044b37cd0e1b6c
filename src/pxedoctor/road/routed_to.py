"""Where this host sends a packet for an address: the main table's longest prefix, then the smallest metric.

Routes of one prefix and metric are told in the order in which the kernel asks them (net/ipv4/fib_trie.c,
fib_dump_info_fnhe over fa_list). Other tables, and rules that lead to them, are not looked at: routing.asks_elsewhere.
"""

from ipaddress import IPv4Address, IPv4Network

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.route import Route
from pxedoctor.road.route_net import net_of


def main_routes(host: Host) -> tuple[tuple[IPv4Network, Route], ...]:
    """The main table's routes to IPv4 networks, the default among them, with the network each of them is for."""
    return host.once(_main_routes)


def _main_routes(host: Host) -> tuple[tuple[IPv4Network, Route], ...]:
    routes = () if isinstance(host.routes, Missing) else host.routes
    found = ((net_of(route), route) for route in routes if route.table == "main" and route.kind == "unicast")
    return tuple((net, route) for net, route in found if isinstance(net, IPv4Network))


def route_to(address: IPv4Address, routes: tuple[tuple[IPv4Network, Route], ...]) -> Route | None:
    """The first of the best; None where no route fits."""
    fitting = [(net, route) for net, route in routes if address in net]
    best = min(fitting, key=lambda entry: (-entry[0].prefixlen, entry[1].metric or 0), default=None)
    return best[1] if best else None
