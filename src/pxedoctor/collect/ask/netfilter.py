"""Asks for packet filter rules: each table by the program that lists it cheapest, none by one that would make it.

1. nft and the iptables-nft programs talk to nf_tables, and the kernel loads that module for whoever asks: they are run
   only where it is in the kernel already. The same holds for nft_compat, which the iptables-nft programs ask for.
2. iptables-legacy makes the table it is asked to list: it is asked only for tables in /proc/net/ip_tables_names.
3. Tables of iptables-nft are listed by its save command (ten times cheaper than nft, and nft cannot print what xt
   matches say); `nft -j list table` is for the others.
"""

import re

from pxedoctor.access.answer import Absent, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.ask.modules import in_kernel

NFT_TABLES = ("nft", "list", "tables")
# The tables that iptables-nft, ip6tables-nft and ebtables-nft make (iptables/nft.c).
OWNED = {
    "ip": ("raw", "mangle", "nat", "filter", "security"),
    "ip6": ("raw", "mangle", "nat", "filter", "security"),
    "bridge": ("filter", "nat", "broute"),
}
NFT_SAVES = {
    "ip": (("iptables-nft-save",), ("iptables-save",)),
    "ip6": (("ip6tables-nft-save",), ("ip6tables-save",)),
    "bridge": (("ebtables-nft-save",), ("ebtables-save",)),
}
LEGACY_NAMES = {"ip": "/proc/net/ip_tables_names", "ip6": "/proc/net/ip6_tables_names"}
LEGACY_SAVES = {
    "ip": (("iptables-legacy-save",), ("iptables-save",)),
    "ip6": (("ip6tables-legacy-save",), ("ip6tables-save",)),
}
_FOREIGN = re.compile(r"^# Table [`'](\S+?)' (?:is|contains) incompatible", re.MULTILINE)


def nft_table(family: str, name: str) -> tuple[str, ...]:
    return ("nft", "-j", "list", "table", family, name)


def tables_in(text: str) -> tuple[tuple[str, str], ...]:
    """(family, name) of each line `table FAMILY NAME` that `nft list tables` prints."""
    words = (line.split() for line in text.splitlines())
    return tuple((line[1], line[2]) for line in words if len(line) == 3 and line[0] == "table")


def foreign_tables(saved: str) -> frozenset[str]:
    """Tables that a save command refuses to list in full: somebody wrote native rules or chains into them."""
    return frozenset(_FOREIGN.findall(saved))


def is_of_nft(saved: str) -> bool:
    """Whether a save command is the nft variant: it says so in its first line, and prints no line where it has none."""
    return "(nf_tables)" in saved or "# Table `" in saved


def ask(host: Notebook) -> None:
    if in_kernel(host, "nf_tables"):
        _ask_nft(host)
    for family, path in LEGACY_NAMES.items():
        names = host.read(path)
        for table in names.text.split() if isinstance(names, Text) else ():
            _first(host, tuple((*save, "-t", table) for save in LEGACY_SAVES[family]))


def _ask_nft(host: Notebook) -> None:
    listed = host.run(NFT_TABLES)
    tables = tables_in(listed.text) if isinstance(listed, Text) else ()
    saved: set[tuple[str, str]] = set()
    for family, owned in OWNED.items():
        there = {(family, name) for name in owned} & set(tables)
        # Without nft the save command is the only one that can tell.
        if (there or isinstance(listed, Absent)) and in_kernel(host, "nft_compat"):
            text = _first(host, NFT_SAVES[family])
            saved |= (
                {(family, name) for name in owned if name not in foreign_tables(text)} if is_of_nft(text) else set()
            )
    for family, name in tables:
        if (family, name) not in saved:
            host.run(nft_table(family, name))


def _first(host: Notebook, alternatives: tuple[tuple[str, ...], ...]) -> str:
    """The text of the first alternative that is installed; "" where none is or it failed."""
    for argv in alternatives:
        answer = host.run(argv)
        if not isinstance(answer, Absent):
            return answer.text if isinstance(answer, Text) else ""
    return ""
