"""Asks for every counter that a dropped packet may move; asked before and after a trace. It touches nothing.

1. Devices, their queues, the kernel's protocols and its connection tracking, BPDUs of a bridge's ports.
2. Rules: nf_tables' by `nft -a list ruleset`, only where nf_tables is in the kernel already; iptables-legacy's by its
   save command, only for tables that /proc/net names (netfilter.py says why). A large ruleset is left out: listing it
   takes longer than a guest's patience.
"""

from pxedoctor.access.answer import Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.ask import kernel_counters
from pxedoctor.collect.ask.bridges import xstats
from pxedoctor.collect.ask.modules import ask_loaded, in_kernel
from pxedoctor.collect.ask.netfilter import LEGACY_NAMES

LINKS = ("ip", "-j", "-s", "-s", "link", "show")
QUEUES = ("tc", "-j", "-s", "qdisc", "show")
CONNTRACK = "/proc/net/stat/nf_conntrack"
RULES = ("nft", "-a", "list", "ruleset")
_SAVES = {"ip": "iptables-legacy-save", "ip6": "ip6tables-legacy-save"}


def legacy(family: str, table: str) -> tuple[str, ...]:
    return (_SAVES[family], "-c", "-t", table)


def ask(host: Notebook, ports: tuple[str, ...], with_rules: bool) -> None:
    host.run(LINKS)
    host.run(QUEUES)
    kernel_counters.ask_protocols(host)
    host.read(CONNTRACK)
    for port in ports:
        host.run(xstats(port))
    if not with_rules:
        return
    ask_loaded(host)
    if in_kernel(host, "nf_tables"):
        host.run(RULES)
    for family in _SAVES:
        names = host.read(LEGACY_NAMES[family])
        for table in names.text.split() if isinstance(names, Text) else ():
            host.run(legacy(family, table))
