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
from pxedoctor.collect.ask.system import KERNEL

MODULES = "/proc/modules"
BUILD_OPTIONS = ("zcat", "/proc/config.gz")
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
_OPTIONS = {"nf_tables": "CONFIG_NF_TABLES", "nft_compat": "CONFIG_NFT_COMPAT"}


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


def builtin_lists(release: str) -> tuple[str, ...]:
    """Where distributions keep the list of modules that are part of the kernel itself; the second is NixOS'."""
    folders = (f"/lib/modules/{release}", f"/run/booted-system/kernel-modules/lib/modules/{release}")
    return tuple(f"{folder}/modules.builtin" for folder in folders)


def in_kernel(host: Notebook, module: str) -> bool | None:
    """Whether the module is loaded or built in, without asking anything that would load it. None: cannot be told."""
    modules = host.read(MODULES)
    if isinstance(modules, Absent):
        # A kernel without loadable modules: nothing can be loaded by asking.
        return True
    if isinstance(modules, Text) and any(line.split(" ", 1)[0] == module for line in modules.text.splitlines()):
        return True
    release = host.read(KERNEL)
    for path in builtin_lists(release.text.strip()) if isinstance(release, Text) else ():
        listed = host.read(path, cut=_of_netfilter)
        if isinstance(listed, Text):
            return f"/{module}.ko" in listed.text
    options = host.run(BUILD_OPTIONS, cut=_of_netfilter)
    return f"{_OPTIONS[module]}=y" in options.text if isinstance(options, Text) else None


def _of_netfilter(text: str) -> str:
    return "\n".join(
        line for line in text.splitlines() if any(word in line for word in (*_OPTIONS, *_OPTIONS.values()))
    )


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
