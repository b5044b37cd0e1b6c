"""Asks for the kernel's own counters: what UDP, IP and their queues dropped.

Read from procfs and not with nstat(8), which writes a history file each time it is asked.
"""

from pxedoctor.access.notebook import Notebook

SNMP = "/proc/net/snmp"
NETSTAT = "/proc/net/netstat"
SNMP6 = "/proc/net/snmp6"


def ask(host: Notebook) -> None:
    for path in (SNMP, NETSTAT, SNMP6):
        host.read(path)
