"""Whether conntrack's helper for TFTP follows a guest's request: then the data, from whatever port, belong to it.

1. A rule gives the connection its helper: iptables' `CT --helper tftp` in the table raw, nft's `ct helper set`. Which
   packets come to such a rule is asked of the evaluator: in its place stands a drop.
2. Kernels before 6.0 gave it to all connections to port 69 where net.netfilter.nf_conntrack_helper was 1.
3. Behind NAT it takes nf_nat_tftp too, or the expected data come to this host itself (nf_nat_tftp.c); what assigns a
   helper does not load it.
"""

import re
from collections.abc import Callable, Iterable

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.netfilter.ruleset import Ruleset
from pxedoctor.netfilter.syntax import Chain, End, Ends, GoesOn, Rule, Table
from pxedoctor.road.hop import Fate, RoadHop

_BY_IPTABLES = r'--helper "?tftp"?(?:\s|$)'
_BY_NFT = r"\bct helper set\b"
_SWITCH = "net/netfilter/nf_conntrack_helper"

Walk = Callable[[Ruleset], Iterable[RoadHop]]


def is_helped(host: Host, rules: Ruleset, walk: Walk) -> bool | None:
    """`walk`: the request's way through given rules. None: not known."""
    sysctls = host.sysctls
    if isinstance(sysctls, Missing) or sysctls.get(_SWITCH, "0") != "0":
        return None
    if not any(chain.once(_gives) for table in rules.tables for chain in table.chains.values()):
        return False if not rules.unlisted else None
    stopped = msgspec.structs.replace(rules, tables=tuple(_stopped(table) for table in rules.tables))
    met = [hop for hop in walk(stopped) if hop.rule is not None and _assigns(hop.rule.text)]
    if not met:
        return False
    # Which helper an object of nft's is, only its definition says, and that is not listed.
    surely = met[0].predicted is Fate.DROP and re.search(_BY_IPTABLES, met[0].rule.text if met[0].rule else "")
    return (translates_tftp(host) or None) if surely else None


def translates_tftp(host: Host) -> bool | None:
    """Whether the kernel has nf_nat_tftp: loaded, or built in as all of conntrack is then."""
    if isinstance(host.modules, Missing):
        return None
    return "nf_nat_tftp" in host.modules or "nf_conntrack" not in host.modules


def _assigns(text: str) -> bool:
    return re.search(_BY_IPTABLES, text) is not None or re.search(_BY_NFT, text) is not None


def _gives(chain: Chain) -> bool:
    """Of 500 networks, each guest's request asks all rules."""
    return any(_assigns(text) for _, text in chain.written)


def _stopped(table: Table) -> Table:
    chains = {name: _with_drops(chain) for name, chain in table.chains.items()}
    return msgspec.structs.replace(table, chains=chains)


def _with_drops(chain: Chain) -> Chain:
    if not chain.once(_gives):
        return chain

    def read(name: str, line: int, text: str) -> Rule:
        rule = chain.reader(name, line, text)
        if not _assigns(text):
            return rule
        return msgspec.structs.replace(rule, parts=tuple(_dropping(part) for part in rule.parts))

    return msgspec.structs.replace(chain, reader=read)


def _dropping(part: object) -> object:
    assigns = isinstance(part, GoesOn) and _assigns(part.text)
    return End(Ends.DROP) if assigns else part
