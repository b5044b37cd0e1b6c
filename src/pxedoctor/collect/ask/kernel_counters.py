"""Asks for the kernel's own counters: what UDP, IP and their queues dropped, and how full its tables of neighbours are.

Read from procfs and not with nstat(8), which writes a history file each time it is asked.
"""

from pxedoctor.access.notebook import Notebook

SNMP = "/proc/net/snmp"
NETSTAT = "/proc/net/netstat"
SNMP6 = "/proc/net/snmp6"
# By the names of the tables. Only the first network namespace has these files (net/core/neighbour.c neigh_table_init).
NEIGHBOURS = {name: f"/proc/net/stat/{name}" for name in ("arp_cache", "ndisc_cache")}


def ask(host: Notebook) -> None:
    ask_protocols(host)
    for path in NEIGHBOURS.values():
        host.read(path)


def ask_protocols(host: Notebook) -> None:
    for path in (SNMP, NETSTAT, SNMP6):
        host.read(path)
