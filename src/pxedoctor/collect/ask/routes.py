"""Asks for the routes of all tables, for the rules of policy routing, of both families, and for the ARP and ND tables.

Which devices have routes from a router's advertisements, as the kernel itself has noted it, ip(8) does not tell of all
of them: /proc/net/ipv6_route does, of which only that is kept.
"""

from pxedoctor.access.notebook import Notebook

# With `table all`, iproute2 lists both families' routes unless a family is named.
ROUTES = ("ip", "-j", "-4", "route", "show", "table", "all")
ROUTES6 = ("ip", "-j", "-6", "route", "show", "table", "all")
RULES = ("ip", "-j", "-4", "rule", "show")
RULES6 = ("ip", "-j", "-6", "rule", "show")
NEIGHBOURS = ("ip", "-j", "neigh", "show")
ROUTE_FLAGS = "/proc/net/ipv6_route"
# include/uapi/linux/ipv6_route.h RTF_ADDRCONF
FROM_ADVERTISEMENT = 0x00040000


def advertised(text: str) -> str:
    """A line `FLAG DEVICE` for each device that has such routes; net/ipv6/route.c rt6_info_route has them last."""
    words = (line.split() for line in text.splitlines())
    devices = {line[-1] for line in words if len(line) > 1 and _is_flagged(line[-2])}
    return "".join(f"{FROM_ADVERTISEMENT:08x} {device}\n" for device in sorted(devices))


def _is_flagged(word: str) -> bool:
    try:
        return bool(int(word, 16) & FROM_ADVERTISEMENT)
    except ValueError:
        return False


def ask_routes(host: Notebook) -> None:
    host.run(ROUTES)
    host.run(ROUTES6)
    host.read(ROUTE_FLAGS, cut=advertised)


def ask_rules(host: Notebook) -> None:
    host.run(RULES)
    host.run(RULES6)


def ask_neighbours(host: Notebook) -> None:
    host.run(NEIGHBOURS)
