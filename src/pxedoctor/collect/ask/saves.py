"""The save commands of iptables-nft and its kin: what they own, and which of it they list."""

import re

from pxedoctor.access.answer import Answers, Text, run_question
from pxedoctor.collect.ask.nft import Sets

# The tables that iptables-nft, ip6tables-nft, arptables-nft and ebtables-nft make (iptables/nft.c).
OWNED = {
    "ip": ("raw", "mangle", "nat", "filter", "security"),
    "ip6": ("raw", "mangle", "nat", "filter", "security"),
    "arp": ("filter",),
    "bridge": ("filter", "nat", "broute"),
}
BUILT_IN = frozenset({"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING", "BROUTING"})
NFT_SAVES = {
    "ip": (("iptables-nft-save",), ("iptables-save",)),
    "ip6": (("ip6tables-nft-save",), ("ip6tables-save",)),
    "arp": (("arptables-nft-save",), ("arptables-save",)),
    "bridge": (("ebtables-nft-save",), ("ebtables-save",)),
}
_REFUSED = r"(?m)^# Table [`'](\S+?)' is incompatible"


def is_of_nft(saved: str) -> bool:
    """Whether a save command is the nft variant: it says so in its first line, and prints no line where it has none."""
    return "(nf_tables)" in saved or "# Table `" in saved


def save_of_one(family: str, table: str) -> tuple[str, ...]:
    # Never by another name than this: an iptables-save of the legacy kind would make the table.
    return (*NFT_SAVES[family][0], "-t", table)


def saves_in(answers: Answers, family: str) -> list[tuple[tuple[str, ...], str]]:
    """The texts by which iptables-nft listed this family's tables: of all of them, else of each alone."""
    alone = tuple(save_of_one(family, name) for name in OWNED[family])
    for alternatives in (*((argv,) for argv in NFT_SAVES[family]), alone):
        said = [(argv, answers.get(run_question(argv))) for argv in alternatives]
        found = [(argv, answer.text) for argv, answer in said if isinstance(answer, Text) and is_of_nft(answer.text)]
        if found:
            return found
    return []


def saved_tables(family: str, saved: str, sets: Sets) -> frozenset[str]:
    """The tables that a save command lists, and lists truly.

    It refuses a table with native rules in it ("is incompatible"), but not every one: of a rule that looks something up
    in a set it prints all but that condition (iptables 1.8.9). iptables-nft itself makes no set in a table, except for
    ebtables' `among`.
    """
    # The plain word first: a pattern takes 20 times as long, and the text may have 5 MB.
    refused = frozenset(re.findall(_REFUSED, saved) if "is incompatible" in saved else ())
    makes_sets = family == "bridge" and "--among" in saved
    there = _tables_in(saved)
    return frozenset(
        name
        for name in OWNED[family]
        if name not in refused and name in there and (makes_sets or not sets.get((family, name)))
    )


def _tables_in(saved: str) -> frozenset[str]:
    """The names in the lines `*name`."""
    return frozenset(part.partition("\n")[0] for part in f"\n{saved}".split("\n*")[1:])
