"""Whose rule it is: from the names that programs give, their comments, what runs, and what stands in files on disk.

1. A name that one program gives decides, also for the rules in its chains and for the jumps to them.
2. Then a file in which the rule or the policy stands; then the company: whose chains hang in the same base chain.
3. What several programs could have written is UNKNOWN, and `why` says what was looked at.
"""

import re
from collections.abc import Callable
from functools import lru_cache

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.firewall_files import FirewallFile
from pxedoctor.model.host import Host
from pxedoctor.netfilter.filed_in import Place, find_chain, find_policy, find_rule
from pxedoctor.netfilter.owner_names import (
    BESIDE,
    PROCESSES,
    Owner,
    owner_of_chain,
    owner_of_comment,
    owner_of_file,
    owner_of_table,
)
from pxedoctor.netfilter.syntax import Rule, Table

_UFW_DEFAULTS = "/etc/default/ufw"
# These are compiled where a rule needs them, which on a healthy host none does.
_UFW_POLICY = r"^\s*DEFAULT_(INPUT|OUTPUT|FORWARD)_POLICY\s*=\s*[\"']?(\w+)"
_BUILT_IN = frozenset({"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"})
# Shorewall marks its filter table with an empty chain of this name (Shorewall::Misc, add_common_rules).
_SHOREWALL_MARK = "shorewall"
# A rule that names one of these devices, and the program that makes devices of such names.
_DEVICES: tuple[tuple[str, Owner], ...] = (
    (r"(?<![\w.-])(docker0|docker_gwbridge|br-[0-9a-f]{12})(?![\w.-])", Owner.DOCKER),
    (r"(?<![\w.-])(cni-podman\d+|podman\d+)(?![\w.-])", Owner.PODMAN),
    (r"(?<![\w.-])(tailscale0)(?![\w.-])", Owner.TAILSCALE),
)
# What libvirt before 5.1 wrote into FORWARD for each of its bridges (network_iptables.c of that time).
_OLD_LIBVIRT = r"-A FORWARD -[io] (\S+) -j REJECT --reject-with icmp6?-port-unreachable"
# What firewalld's iptables backend writes into the built-in chains themselves: the ends of INPUT and FORWARD, and
# IPv6_rpfilter (ipXtables.py, build_default_rules and build_rpfilter_rules).
_FIREWALLDS = (
    r"-A \S+ (-m conntrack --ctstate INVALID -j DROP|-j REJECT --reject-with \S+|-m rpfilter .*--invert -j DROP)"
)


class Ownership(msgspec.Struct, frozen=True, kw_only=True):
    """`why` is a sentence for a person. `file` and `line` (from 1) are where it stands on disk, "" and 0 if not found.

    `running`: whether a process of the program runs; None for programs without one, and where processes are not known.
    """

    owner: Owner
    why: str
    file: str = ""
    line: int = 0
    running: bool | None = None


class _Sign(msgspec.Struct, frozen=True):
    owner: Owner
    why: str
    place: Place | None = None


# A hop that rewrites an address names the rules that may have done it; a host has few tables and chains.
@lru_cache(maxsize=1024)
def owner_of(table: str, chain: str) -> str:
    """By name alone; "" where nobody can tell from the name alone."""
    return owner_of_table(table) or owner_of_chain(chain)


def ownership(host: Host, table: Table, chain: str, rule: Rule | None) -> Ownership:
    """Who wrote a rule of this chain; without one, who set the policy of this base chain."""
    signs = _signs_of_policy(host, table, chain) if rule is None else _signs_of_rule(host, table, chain, rule)
    found = next((sign for told in signs if (sign := told()) is not None), None) or _nobody(host)
    return Ownership(
        owner=found.owner,
        why=found.why,
        file=found.place.file if found.place else "",
        line=found.place.line if found.place else 0,
        running=_runs(host, found.owner),
    )


def _signs_of_rule(host: Host, table: Table, chain: str, rule: Rule) -> tuple[Callable[[], _Sign | None], ...]:
    """The strongest first. Each is asked only where those before it said nothing."""
    files = _files(host)
    places = find_rule(files, table, chain, rule)
    return (
        lambda: _by_name(table, chain, rule, places),
        lambda: _by_file(places, "the rule stands"),
        lambda: _by_device(host, table, rule),
        lambda: _by_neighbours(table, chain, rule),
        lambda: _by_chain_in_file(files, table, chain),
    )


def _signs_of_policy(host: Host, table: Table, chain: str) -> tuple[Callable[[], _Sign | None], ...]:
    files = _files(host)
    policy = table.chains[chain].policy if chain in table.chains else ""
    places = find_policy(files, table, chain, policy)
    hanging = _owners_hanging_in(table, chain)
    return (
        lambda: _by_name(table, chain, None, places),
        lambda: _ufw_policy(files, hanging, chain, policy),
        lambda: _docker_policy(hanging, chain, certain=_runs(host, Owner.DOCKER) is True),
        lambda: _by_file(places, f"the policy {policy} stands"),
        lambda: _ufw_left_it(files, hanging),
        lambda: _docker_policy(hanging, chain, certain=True),
        lambda: _by_chain_in_file(files, table, chain),
    )


def _by_name(table: Table, chain: str, rule: Rule | None, places: tuple[Place, ...]) -> _Sign | None:
    owner, why = _named(table, chain, rule)
    if not owner:
        return None
    return _Sign(owner, why, next((place for place in places if owner_of_file(place.file) is owner), None))


def _named(table: Table, chain: str, rule: Rule | None) -> tuple[Owner, str]:
    comment = rule.comment if rule else ""
    if owner := owner_of_table(table.name):
        return owner, f"table {table.name} is {owner}'s"
    if owner := owner_of_chain(chain):
        return owner, f"chain {chain} is {owner}'s"
    # Anybody may write a comment into a chain of somebody else's.
    if owner := owner_of_comment(comment):
        return owner, f'{owner} writes the comment "{comment}"'
    for pattern, owner in BESIDE:
        if re.fullmatch(pattern, chain) and any(owner_of_chain(name) is owner for name in table.chains):
            return owner, f"chain {chain}, beside others of {owner}, is {owner}'s"
    for target in rule.jumps if rule else ():
        if owner := owner_of_chain(target):
            return owner, f"it leads to {owner}'s chain {target}"
    if table.name == "filter" and _SHOREWALL_MARK in table.chains:
        return Owner.SHOREWALL, f"Shorewall marks the tables it writes with the chain {_SHOREWALL_MARK}"
    return Owner.UNKNOWN, ""


def _by_file(places: tuple[Place, ...], what: str) -> _Sign | None:
    if not places:
        return None
    first = places[0]
    others = dict.fromkeys(place.file for place in places if place.file != first.file)
    also = f", and in {', '.join(others)}" if others else ""
    return _Sign(owner_of_file(first.file), f"{what} in {first.file}, line {first.line}{also}", first)


def _by_chain_in_file(files: tuple[FirewallFile, ...], table: Table, chain: str) -> _Sign | None:
    places = find_chain(files, table, chain) if table.dialect == "nft" else ()
    if not places:
        return None
    why = f"{places[0].file}, line {places[0].line}, makes this chain; what decides here was not found in it"
    return _Sign(owner_of_file(places[0].file), why, places[0])


def _by_device(host: Host, table: Table, rule: Rule) -> _Sign | None:
    for pattern, owner in _DEVICES:
        if found := re.search(pattern, rule.text):
            return _Sign(owner, f"the rule names {found[1]}, a device of {owner}")
    old = re.fullmatch(_OLD_LIBVIRT, rule.text) if table.dialect == "iptables" else None
    if old and host.network_on(old[1]) is not None:
        return _Sign(Owner.LIBVIRT, f"libvirt before 5.1 wrote this rule for its bridge {old[1]}")
    return None


def _by_neighbours(table: Table, chain: str, rule: Rule) -> _Sign | None:
    """firewalld's iptables backend writes a few rules without a name into the chains in which its own hang."""
    if Owner.FIREWALLD in _owners_hanging_in(table, chain) and re.fullmatch(_FIREWALLDS, rule.text):
        return _Sign(Owner.FIREWALLD, f"firewalld's chains hang in {chain}, and it writes this rule beside them")
    return None


def _ufw_policy(files: tuple[FirewallFile, ...], hanging: frozenset[Owner], chain: str, policy: str) -> _Sign | None:
    """ufw sets all three policies from its defaults; REJECT becomes the policy DROP and a rule (ufw-framework(8))."""
    text = next((file.text for file in files if file.path == _UFW_DEFAULTS), "") if Owner.UFW in hanging else ""
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(_UFW_POLICY, line)
        set_to = {"REJECT": "drop"}.get(found[2], found[2].lower()) if found else ""
        if found and (found[1], set_to) == (chain, policy):
            why = f"ufw's chains hang in {chain}, and {_UFW_DEFAULTS}, line {number}, says {line.strip()}"
            return _Sign(Owner.UFW, why, Place(_UFW_DEFAULTS, number))
    return None


def _ufw_left_it(files: tuple[FirewallFile, ...], hanging: frozenset[Owner]) -> _Sign | None:
    """Where its defaults can be read and say otherwise, somebody else set the policy."""
    if Owner.UFW not in hanging or any(file.path == _UFW_DEFAULTS and not file.closed for file in files):
        return None
    return _Sign(Owner.UFW, f"ufw's chains hang in it, and ufw sets its policy; {_UFW_DEFAULTS} could not be read")


def _docker_policy(hanging: frozenset[Owner], chain: str, certain: bool) -> _Sign | None:
    if not certain or chain != "FORWARD" or Owner.DOCKER not in hanging:
        return None
    return _Sign(Owner.DOCKER, "Docker's chains hang in FORWARD, and Docker sets its policy to DROP")


def _owners_hanging_in(table: Table, chain: str) -> frozenset[Owner]:
    """The programs to whose chains this base chain leads. No chain of nft's own tables is shared so.

    A saved text may hold iptables' tables as nft lists them (sosreport's does).
    """
    if chain not in _BUILT_IN or chain not in table.chains:
        return frozenset()
    targets = (target for rule in table.chains[chain].rules for target in rule.jumps)
    return frozenset(owner_of_chain(target) for target in targets) - {Owner.UNKNOWN}


def _nobody(host: Host) -> _Sign:
    if isinstance(host.firewall_files, Missing):
        return _Sign(Owner.UNKNOWN, f"no name tells, and files were not read: {host.firewall_files.why}")
    closed = [file.path for file in host.firewall_files if file.closed]
    read = len(host.firewall_files) - len(closed)
    unread = f"; {', '.join(closed)} could not be read" if closed else ""
    return _Sign(Owner.UNKNOWN, f"no name tells, and it stands in none of the {read} configuration files read{unread}")


def _files(host: Host) -> tuple[FirewallFile, ...]:
    return () if isinstance(host.firewall_files, Missing) else host.firewall_files


def _runs(host: Host, owner: Owner) -> bool | None:
    names = PROCESSES.get(owner, ())
    if not names or isinstance(host.processes, Missing):
        return None
    return any(process.name in names and process.alive and not process.elsewhere for process in host.processes)
