"""Looks a rule, a policy or a chain of the kernel up in the host's configuration files."""

from functools import lru_cache

import msgspec

from pxedoctor.model.firewall_files import FirewallFile
from pxedoctor.netfilter.filed import Filed, FiledPolicy, FiledRule, Words
from pxedoctor.netfilter.syntax import Dialect, Rule, Table

_IP6_FILES = ("/ip6tables", "/rules.v6", "/ip6tables.rules", "6.rules")
_RESTORED = ("/iptables", "/rules.v4", "/iptables.rules", ".rules")


class Place(msgspec.Struct, frozen=True):
    """A line of a file."""

    file: str
    line: int


def find_rule(files: tuple[FirewallFile, ...], table: Table, chain: str, rule: Rule) -> tuple[Place, ...]:
    """Every line that says this rule, file by file; empty where none does or the rule is not understood."""
    # A rule of nft may stand in a table of iptables; only nft's listings have handles.
    words = _words(table.dialect if rule.handle is None else "nft", rule.text)
    if not words:
        return ()
    return tuple(
        Place(file.path, entry.line)
        for file in files
        for entry in _said_in(file.path, file.text)
        if isinstance(entry, FiledRule) and _at(entry, table, chain) and entry.words == words
    )


def find_policy(files: tuple[FirewallFile, ...], table: Table, chain: str, policy: str) -> tuple[Place, ...]:
    return tuple(
        Place(file.path, entry.line)
        for file in files
        for entry in _said_in(file.path, file.text)
        if isinstance(entry, FiledPolicy) and _at(entry, table, chain) and entry.policy == policy
    )


def find_chain(files: tuple[FirewallFile, ...], table: Table, chain: str) -> tuple[Place, ...]:
    """Where a chain of an nft table is made, whatever stands in it."""
    from pxedoctor.netfilter import filed_nft

    return tuple(
        Place(file.path, line)
        for file in files
        if _is_nft(file.path)
        for family, name, made, line in filed_nft.chains_in_nft_file(file.text)
        if (family, name, made) == (table.family, table.name, chain)
    )


def _words(dialect: Dialect, text: str) -> Words:
    from pxedoctor.netfilter import filed_iptables, filed_nft

    if dialect == "nft":
        return filed_nft.words_of(text)
    return filed_iptables.words_of(text) if dialect == "iptables" else frozenset()


def _at(entry: Filed, table: Table, chain: str) -> bool:
    return (entry.family, entry.table, entry.chain) == (table.family, table.name, chain)


@lru_cache(maxsize=64)
def _said_in(path: str, text: str) -> tuple[Filed, ...]:
    from pxedoctor.netfilter import filed_iptables, filed_nft

    if _is_nft(path):
        return tuple(filed_nft.in_nft_file(text))
    if path.endswith("/direct.xml"):
        return tuple(filed_iptables.in_direct_xml(text))
    if path.endswith(_IP6_FILES):
        return tuple(filed_iptables.in_restore_file(text, "ip6"))
    if path.endswith(_RESTORED):
        return tuple(filed_iptables.in_restore_file(text, "ip"))
    return (*filed_iptables.in_script(text), *filed_nft.in_nft_script(text))


def _is_nft(path: str) -> bool:
    return path.endswith((".nft", "/nftables.conf")) or path.startswith("/etc/nftables")
