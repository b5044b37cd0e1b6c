"""The net that a route is for, in whatever words ip(8) has it: `default`, a prefix, or an address alone.

A rule of policy routing names its sender so, too.
"""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from pxedoctor.model.route import Route

Net = IPv4Network | IPv6Network
_EVERYWHERE = {"inet": "0.0.0.0/0", "inet6": "::/0"}


def net_of(route: Route) -> Net | None:
    """None where it is not understood, as of a protocol that is neither."""
    return net_named(_EVERYWHERE.get(route.family, "") if route.destination == "default" else route.destination)


# fe80::/64 and ff00::/8 lead out of every tap; a host with 500 networks has some 3,000 others, asked for at every look.
@lru_cache(maxsize=8192)
def net_named(words: str) -> Net | None:
    """Of a prefix or an address; None for anything else."""
    try:
        return ip_network(words)
    except ValueError:
        return None
