"""A native nft rule stands in a table of iptables, which iptables can read and change no more: libvirt's rules fail.

What it does
    Looks whether iptables-save says of a table that it is incompatible: then iptables commands on that table, or on the
    chain with the rule, end with an error. Concerns virtual networks for which libvirt writes rules with iptables.

Why the guest fails
    iptables of today (iptables-nft) keeps its rules in nftables' tables `ip filter`, `ip nat` and so on, and reads them
    back as what itself could have written. A set, a verdict map, a rule without a counter in them it does not know.
    libvirt lists the table before it writes its rules; when that fails the network does not start, its bridge is never
    made, and no guest on it can start. A network that runs goes on until libvirt or its host is restarted.

What you see
    "iptables: table `filter' is incompatible, use 'nft' tool." from iptables -S; in libvirt's log "Failed to apply
    firewall rules /usr/sbin/iptables -w --table filter --list-rules". Docker and ufw fail with the same words.

Fix
    Move those rules to a table of their own, e.g. `table inet host`: in nftables' own file, where they stand in one. A
    base chain there sees the same packets. Then start the network.

Fix safety
    There is no repair: to take a rule out of somebody's firewall is to open it, or to close it, and an ssh session may
    hang on it.

References
    libvirt src/network/network_nftables.c (its comment on mixed tables), iptables iptables/nft.c
    nft_is_table_compatible, iptables-nft(8), fedora-copr/copr#3945
"""

import re

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Severity
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.target import Facts, Target
from pxedoctor.netfilter.owner import ownership
from pxedoctor.netfilter.ruleset import understood
from pxedoctor.netfilter.syntax import Rule, Table
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.exchange import road_of
from pxedoctor.road.hop import Fate
from pxedoctor.road.own_rules import gone_from
from pxedoctor.road.packet_name import PacketName

META = Meta(
    code="NF005",
    name="foreign-rule-breaks-iptables",
    stage=Stage.FILTER,
    needs=("netfilter", "networks"),
    consults=("logs", "firewall_files", "processes"),
    fix="never",
    explains=("network-inactive", "libvirt-rules-missing", "host-firewall-drops-dhcp"),
)

# iptables/xtables-save.c, do_output.
_INCOMPATIBLE = r"(?m)^# Table `(\w+)' is incompatible, use 'nft' tool\.$"
# iptables/nft.c puts a counter into every rule it writes.
_COUNTER = r"\bcounter\b"
_SHOWN = 3


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    network = host.network(target.network) if target.network else host.network_on(target.bridge or "")
    if network is None or not network.has_own_rules:
        return NotApplicable("libvirt writes no rules for a network of it")
    if network.backend != "iptables":
        return NotApplicable(f"libvirt writes its rules without iptables (firewall backend {network.backend})")
    known(host.netfilter)
    tables = _incompatible(host, network)
    if not tables:
        return Fine("iptables can read all of its tables")
    return _broken(facts, target, network, tables)


def _incompatible(host: Host, network: Network) -> dict[tuple[str, str], str]:
    """Family and name of each such table, and which command says so."""
    families = {"ip", *("ip6" for subnet in network.subnets if subnet.family == "ipv6")}
    return {table: origin for table, origin in host.once(_said_so).items() if table[0] in families}


def _said_so(host: Host) -> dict[tuple[str, str], str]:
    listings = () if isinstance(host.netfilter, Missing) else host.netfilter.listings
    return {
        (listing.family, name): listing.origin
        for listing in listings
        if listing.dialect == "iptables-save"
        for name in re.findall(_INCOMPATIBLE, listing.text)
    }


def _broken(facts: Facts, target: Target, network: Network, tables: dict[tuple[str, str], str]) -> Broken:
    family, name = next(iter(tables))
    start = f"iptables cannot read table {family} {name}, which holds rules of nft"
    follows, severity = _follows(facts, target, network)
    return Broken(
        headline=f"{start}: {follows}.",
        subject=f"{family} {name}",
        scope="host",
        hop=Hop.BRIDGE if not network.active else Hop.INPUT,
        severity=severity,
        evidence=(
            *(_said(table, origin) for table, origin in tables.items()),
            *_foreign(facts.host, tables),
            *_logged(facts.host),
        ),
    )


def _follows(facts: Facts, target: Target, network: Network) -> tuple[str, Severity]:
    if not network.active:
        return f"libvirt fails to write its rules, and the network {network.name} does not start", "broken"
    road = road_of(facts, target, PacketName.DISCOVER)
    dies = road is not None and road.fate is Fate.DROP
    if dies and gone_from(facts, network):
        return f"libvirt's rules for {network.name} are gone, and it cannot write them anew", "broken"
    return f"at its next start libvirt fails to write its rules, and the network {network.name} stays down", "risk"


def _said(table: tuple[str, str], origin: str) -> Evidence:
    text = f"iptables says so of table {table[0]} {table[1]}"
    return Evidence(text, origin, f"# Table `{table[1]}' is incompatible, use 'nft' tool.")


def _foreign(host: Host, tables: dict[tuple[str, str], str]) -> tuple[Evidence, ...]:
    found = [
        _of_rule(host, table, rule)
        for table in understood(known(host.netfilter)).tables
        if table.dialect == "nft" and (table.family, table.name) in tables
        for chain in table.chains.values()
        for rule in chain.rules
        if not re.search(_COUNTER, rule.text)
    ]
    if len(found) > _SHOWN:
        more = Evidence(f"and {len(found) - _SHOWN} more", "the same table", "")
        return (*found[:_SHOWN], more)
    return tuple(found)


def _of_rule(host: Host, table: Table, rule: Rule) -> Evidence:
    owned = ownership(host, table, rule.chain, rule)
    text = f"not written by iptables, which counts in every rule of its own; {owned.why}"
    handle = f", handle {rule.handle}" if rule.handle else ""
    return Evidence(text, f"{table.family} {table.name} {rule.chain}{handle} (`{table.origin}`)", rule.text)


def _logged(host: Host) -> tuple[Evidence, ...]:
    logs = () if isinstance(host.logs, Missing) else host.logs
    lines = [line for line in logs if "is incompatible, use 'nft' tool" in line.text]
    return tuple(Evidence("libvirt has failed on it", line.origin, line.text) for line in lines[-1:])


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    family, _, name = finding.broken.subject.partition(" ")
    return NoPlan(
        "these rules are somebody's firewall: to take one out opens it, or closes it",
        (
            f"nft -a list table {family} {name}: move the rules without a counter to a table of their own",
            "in /etc/nftables.conf, where they stand there: `table inet host` in place of that table's name",
            "then virsh net-start NETWORK, or a restart of libvirt where the network runs",
        ),
    )
