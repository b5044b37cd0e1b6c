"""Asks for the routes of all tables, of both families, and for the ARP and ND tables."""

from pxedoctor.access.notebook import Notebook

# With `table all`, iproute2 lists both families' routes unless a family is named.
ROUTES = ("ip", "-j", "-4", "route", "show", "table", "all")
ROUTES6 = ("ip", "-j", "-6", "route", "show", "table", "all")
NEIGHBOURS = ("ip", "-j", "neigh", "show")


def ask_routes(host: Notebook) -> None:
    host.run(ROUTES)
    host.run(ROUTES6)


def ask_neighbours(host: Notebook) -> None:
    host.run(NEIGHBOURS)
