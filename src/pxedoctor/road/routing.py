"""The host's routes as rules ask them (netfilter.routes)."""

from ipaddress import ip_network

from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.route import Route
from pxedoctor.netfilter.routes import Prefix, Routes

_EVERYWHERE = {"inet": "0.0.0.0/0", "inet6": "::/0"}
_LINK_LOCAL = ip_network("fe80::/64")


def routes_of(host: Host) -> Routes | None:
    """None where they, or the devices, are not known, or where one of the routes is not understood."""
    if isinstance(host.routes, Missing) or isinstance(host.links, Missing):
        return None
    found = tuple(_prefix(route) for route in host.routes)
    understood = tuple(prefix for prefix in found if prefix is not None)
    masters = tuple((link.name, link.master) for link in host.links if link.master)
    return Routes((*understood, *_to_come(host)), masters) if len(understood) == len(found) else None


def _to_come(host: Host) -> tuple[Prefix, ...]:
    """The link-local nets of devices without carrier: they come with the first one (net/ipv6/addrconf.c).

    A new bridge has none until its first guest starts, and that guest's packets meet the routes of then.
    """
    sysctls = {} if isinstance(host.sysctls, Missing) else host.sysctls
    net = (int(_LINK_LOCAL.network_address), int(_LINK_LOCAL.broadcast_address))
    return tuple(
        Prefix(version=6, net=net, device=link.name)
        for link in known(host.links)
        if not link.carrier and sysctls.get(f"net/ipv6/conf/{link.name}/disable_ipv6") != "1"
    )


def _prefix(route: Route) -> Prefix | None:
    """The net may be written as an address, or as `default`."""
    try:
        net = ip_network(_EVERYWHERE[route.family] if route.destination == "default" else route.destination)
    except (ValueError, KeyError):
        return None
    return Prefix(
        version=4 if net.version == 4 else 6,
        net=(int(net.network_address), int(net.broadcast_address)),
        device=route.device,
        kind=route.kind,
        table=route.table,
    )
