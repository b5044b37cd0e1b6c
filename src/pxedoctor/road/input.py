"""The host's INPUT hook: does a guest's DISCOVER, come up from its bridge, reach a UDP server on this host?

1. Every base chain at the hook sees the packet. A drop in one of them is final, whatever the others say; an accept ends
   only its own table (nft(8), verdict statements).
2. iptables' tables are walked rule by rule. firewalld's own table is judged by its zones. Any other native chain is
   passed where it cannot drop anything, and not known otherwise.
3. ip6, bridge and netdev tables do not see an IPv4 packet at this hook.

PREROUTING comes before and is not walked yet.
"""

import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.netfilter import Netfilter
from pxedoctor.netfilter.evaluate import Decision, Verdict, evaluate
from pxedoctor.netfilter.native import NativeChain, NativeTable, could_drop
from pxedoctor.netfilter.old_ruleset import Ruleset, understood
from pxedoctor.netfilter.owner import owner_of
from pxedoctor.netfilter.packet import discover
from pxedoctor.road.hop import Fate, RoadHop, RuleRef
from pxedoctor.road.zone import zone_fate

# include/uapi/linux/netfilter_ipv4.h; raw has no INPUT.
_PRIORITIES = {"mangle": -150, "filter": 0, "security": 50, "nat": 100}
_FATES = {Verdict.ACCEPT: Fate.PASS, Verdict.DROP: Fate.DROP, Verdict.UNKNOWN: Fate.UNKNOWN}
_FAMILIES = frozenset({"ip", "inet"})


class _Ruling(msgspec.Struct, frozen=True):
    """What one base chain says."""

    priority: int
    fate: Fate
    why: str
    rule: RuleRef | None = None
    by_policy: bool = False


def input_hop(host: Host, bridge: str) -> RoadHop:
    """The fate of a DISCOVER from `bridge` at INPUT, with the rule that decides."""
    if isinstance(host.netfilter, Missing):
        return RoadHop(hop=Hop.INPUT, device=bridge, predicted=Fate.UNKNOWN, why=host.netfilter.why)
    return hop_through(host, bridge, understood(host.netfilter))


def hop_through(host: Host, bridge: str, ruleset: Ruleset) -> RoadHop:
    """As `input_hop`, through a given ruleset: also one that the host does not have (yet)."""
    rulings = sorted(
        (*_by_iptables(host, bridge, ruleset), *_by_native(host, bridge, ruleset)), key=lambda ruling: ruling.priority
    )
    unknown = [ruling for ruling in rulings if ruling.fate is Fate.UNKNOWN]
    unlisted = [entry for entry in ruleset.unlisted if entry.family in {"", *_FAMILIES}]
    for ruling in rulings:
        if ruling.fate is Fate.DROP:
            return _hop(bridge, ruling)
    if unknown:
        return _hop(bridge, unknown[0])
    if unlisted:
        return RoadHop(hop=Hop.INPUT, device=bridge, predicted=Fate.UNKNOWN, why=unlisted[0].why)
    if not rulings:
        return RoadHop(hop=Hop.INPUT, device=bridge, predicted=Fate.PASS, why="no table filters what comes in")
    return _hop(bridge, min(rulings, key=lambda ruling: (ruling.rule is None, ruling.by_policy)))


def _hop(bridge: str, ruling: _Ruling) -> RoadHop:
    return RoadHop(hop=Hop.INPUT, device=bridge, predicted=ruling.fate, why=ruling.why, rule=ruling.rule)


def _by_iptables(host: Host, bridge: str, ruleset: Ruleset) -> list[_Ruling]:
    packet = discover(bridge, _state(host))
    found = []
    for table in ruleset.tables:
        chain = table.chains.get("INPUT")
        if table.family == "ip" and chain is not None:
            found.append(_ruling(evaluate(table, chain, packet)))
    return found


def _state(host: Host) -> str | None:
    """NEW, unless some rule takes packets out of conntrack: then it is not known here whether this one is."""
    listings = host.netfilter.listings if isinstance(host.netfilter, Netfilter) else ()
    return None if any("notrack" in listing.text.lower() for listing in listings) else "NEW"


def _ruling(decision: Decision) -> _Ruling:
    table, by_policy = decision.table, decision.text.startswith(":")
    rule = RuleRef(
        family=table.family,
        table=table.name,
        chain=decision.chain,
        line=decision.line,
        text=decision.text,
        owner=owner_of(table.name, decision.chain),
    )
    where = f"{table.name} {decision.chain}"
    if decision.verdict is Verdict.UNKNOWN:
        why = f"{decision.why} ({where}, line {decision.line} of `{table.origin}`)"
    elif by_policy:
        word = "drops it, and no rule accepts it" if decision.verdict is Verdict.DROP else "accepts it"
        why = f"the policy of {where} {word}"
    else:
        why = f"a rule of {where} {'drops' if decision.verdict is Verdict.DROP else 'accepts'} it"
    return _Ruling(_PRIORITIES.get(table.name, 0), _FATES[decision.verdict], why, rule, by_policy)


def _by_native(host: Host, bridge: str, ruleset: Ruleset) -> list[_Ruling]:
    return [
        _native_ruling(host, bridge, table, chain)
        for table in ruleset.native
        if table.family in _FAMILIES
        for chain in table.base_chains("input")
        if could_drop(table, chain)
    ]


def _native_ruling(host: Host, bridge: str, table: NativeTable, chain: NativeChain) -> _Ruling:
    rule = RuleRef(
        family=table.family,
        table=table.name,
        chain=chain.name,
        text=f"chain {chain.name} {{ hook input priority {chain.priority}; policy {chain.policy}; ... }}",
        owner=owner_of(table.name, chain.name),
    )
    zone = zone_fate(host, bridge, "dhcp") if table.name == "firewalld" else None
    if zone is not None:
        return _Ruling(chain.priority, zone[0], zone[1], rule)
    why = f"native rules are not walked yet: nft list chain {table.family} {table.name} {chain.name}"
    return _Ruling(chain.priority, Fate.UNKNOWN, why, rule)
