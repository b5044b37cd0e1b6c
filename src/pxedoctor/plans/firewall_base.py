"""The plan that changes the refusing base chain itself: iptables' tables by iptables, nft's own tables by nft."""

import re
from typing import Literal

import msgspec

from pxedoctor.model.host import Host
from pxedoctor.netfilter.syntax import Table
from pxedoctor.plans.file import ChangeFile
from pxedoctor.plans.firewall_kept import kept_before
from pxedoctor.plans.firewall_obstacle import Obstacle
from pxedoctor.plans.firewall_opening import Admitted, Opening
from pxedoctor.plans.firewall_owners import for_good
from pxedoctor.plans.firewall_rule import InsertIptablesRule, InsertNftRule
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety

# The tables and base chains that iptables-nft makes (iptables/nft.c).
_IPTABLES_TABLES = frozenset({"raw", "mangle", "nat", "filter", "security"})
_BUILT_IN = frozenset({"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING", "BROUTING"})
# Names that nft's grammar takes without quotes (src/scanner.l, `string`).
_NFT_NAME = r"(?a)[A-Za-z_.][\w./-]*"


def in_base_chain(host: Host, obstacle: Obstacle, wants: Opening, chain: str) -> Plan | NoPlan:
    """`chain`: the base chain itself, or one that its owner has it ask first for a person's rules."""
    table = obstacle.table
    match table.dialect, table.family:
        case "iptables", "ip" | "ip6" as family:
            return _kept(host, _by_iptables(obstacle, wants, chain, family), obstacle, wants)
        case "nft", "ip" | "ip6" | "inet":
            if table.family != "inet" and table.name in _IPTABLES_TABLES and obstacle.base in _BUILT_IN:
                return _mixed(table)
            made = _by_nft(obstacle, wants, chain)
            return made if isinstance(made, NoPlan) else _kept(host, made, obstacle, wants)
    return _below_ip(obstacle, wants)


def _by_iptables(obstacle: Obstacle, wants: Opening, chain: str, family: Literal["ip", "ip6"]) -> Plan:
    safety, may_lose = _safety(wants)
    steps = tuple(
        InsertIptablesRule(
            program=_program(obstacle.table),
            family=family,
            table=obstacle.table.name,
            chain=chain,
            admits=admitted,
            what=str(wants),
            listing=obstacle.table.origin,
            safety=safety,
            may_lose=may_lose,
        )
        for admitted in wants.rules
    )
    return Plan(steps=steps)


def _kept(host: Host, live: Plan, obstacle: Obstacle, wants: Opening) -> Plan:
    """The same for good: in the file that holds what refuses it, else in words."""
    nft = obstacle.table.dialect == "nft"
    ends = tuple(_in_file(wants, admitted, nft) for admitted in wants.rules)
    change = kept_before(host, obstacle, ends)
    if change is None:
        shown = f"{' '.join(wants.rules[0].nft())} accept" if nft else f"-A {obstacle.base} {ends[0]}"
        return msgspec.structs.replace(live, other_ways=(for_good(obstacle.owned, shown, wants),))
    safety, may_lose = _safety(wants)
    step = ChangeFile(words=f"{wants} is accepted", change=change, safety=safety, may_lose=may_lose)
    return msgspec.structs.replace(live, steps=(*live.steps, step))


def _in_file(wants: Opening, admitted: Admitted, nft: bool) -> str:
    """With the comment of the live rule in nft, so that the undo finds it whether or not the file was loaded since."""
    if nft:
        return f'{" ".join(admitted.nft())} accept comment "{_comment(wants, admitted.replies)}"'
    return f"{' '.join(admitted.iptables())} -j ACCEPT"


def _program(table: Table) -> str:
    """The variant that listed the table also changes it; a saved text names none, and the plain name is taken."""
    listed_by = table.origin.split(" ", 1)[0]
    plain = "ip6tables" if table.family == "ip6" else "iptables"
    if listed_by.startswith(plain) and listed_by.endswith("-save"):
        return listed_by.removesuffix("-save")
    return f"{plain}-legacy" if table.variant == "legacy" else plain


def _by_nft(obstacle: Obstacle, wants: Opening, chain: str) -> Plan | NoPlan:
    table = obstacle.table
    strange = [name for name in (table.name, chain) if not re.fullmatch(_NFT_NAME, name)]
    if strange:
        return NoPlan(f"nft's own commands cannot name {strange[0]!r}")
    safety, may_lose = _safety(wants)
    steps = tuple(
        InsertNftRule(
            family=table.family,
            table=table.name,
            chain=chain,
            admits=admitted,
            comment=_comment(wants, replies=admitted.replies),
            what=str(wants),
            safety=safety,
            may_lose=may_lose,
        )
        for admitted in wants.rules
    )
    return Plan(steps=steps)


def _comment(wants: Opening, replies: bool) -> str:
    """By which the undo finds the rule: letters, digits and what a plain device's name may hold besides."""
    return f"pxedoctor: {wants.service} {wants.direction} {wants.interface}{' replies' if replies else ''}"


def _safety(wants: Opening) -> tuple[Safety, str]:
    if wants.direction in {"in", "out"}:
        return Safety.SAFE, ""
    if wants.direction == "arriving":
        lost = f"Later rules of that chain no longer see what comes in through {wants.interface}, forged sources too."
        return Safety.RISKY, lost
    return Safety.RISKY, f"Whatever refused {wants} on purpose, to keep guests apart, no longer decides."


def _mixed(table: Table) -> NoPlan:
    place = f"{table.family} {table.name}"
    return NoPlan(
        f"table {place} is iptables', which did not list it: a native rule more would close it to iptables for good",
        (
            f"nft -a list table {place} shows its rules: move what somebody wrote there for nft to a table of its own",
            "or, where iptables is not installed here, change it with the iptables of whoever made it (a container's)",
        ),
    )


def _below_ip(obstacle: Obstacle, wants: Opening) -> NoPlan:
    """ebtables, arptables, nft's bridge and netdev tables: whose devices are ports, and which somebody set by hand."""
    table = obstacle.table
    where = f"table {table.family} {table.name}, chain {obstacle.chain}"
    show = f"nft -a list chain {table.family} {table.name} {obstacle.chain}"
    if table.dialect == "ebtables":
        show = f"ebtables -t {table.name} -L {obstacle.chain} --Ln"
    return NoPlan(
        f"{obstacle.text} in {where} refuses it below IP, and was written for single ports of {wants.interface}",
        (f"{show} shows it: an accept before it, for {wants.protocol} port {wants.port}, lets it pass",),
    )
