"""The kernel's table of neighbours is full: what this host sends to a guest that it does not know yet is dropped.

What it does
    Where a DHCP server of this host serves the guest: compares the entries of the kernel's two tables (IPv4's ARP,
    IPv6's neighbour discovery) with their limit, gc_thresh3, where the kernel says that it has refused an entry. Both
    are the whole kernel's, and only its first network namespace tells of them: in a container nobody can look.

Why the guest fails
    To send to an address, a host needs an entry for it: its MAC. The kernel keeps gc_thresh3 of them, 1024, for all
    devices and namespaces together. At the limit it first gives up those that nobody has used for five seconds; where
    that is not enough it makes none, and the packet is dropped with ENOBUFS. dnsmasq's OFFER to a client that asks for
    no broadcast needs such an entry, and every TFTP block does. Who is known already goes on: old guests work, and new
    ones fail.

What you see
    "neighbour: arp_cache: neighbor table overflow!" in the kernel's log (older: "Neighbour table overflow."),
    "ARP-cache injection failed: No buffer space available" of dnsmasq, ping's "No buffer space available".
    `lnstat -f arp_cache` counts table_fulls.

Fix
    Raise the thresholds, all three by the same: sysctl -w net.ipv4.neigh.default.gc_thresh3=4096, then gc_thresh2 and
    gc_thresh1; the same of ipv6. For good in a file of /etc/sysctl.d. Then find out who needs so many: `ip neigh` by
    device; a large flat network on a bridge with an address, a scan, a container engine.

Fix safety
    SAFE: it costs half a kilobyte an entry, and cuts nothing off. `ip neigh flush` is not done: the table fills again.

References
    Linux net/core/neighbour.c neigh_alloc, neigh_forced_gc, neigh_table_init; Documentation/networking/ip-sysctl.rst
    (neigh/default/gc_thresh1, 2, 3); dnsmasq src/dhcp.c (SIOCSARP); arp(7)
"""

from typing import NamedTuple

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, Leg, NotApplicable, Outcome
from pxedoctor.model.bridge import Bridge
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.answering import servers_of
from pxedoctor.road.tree import bridge_behind

META = Meta(
    code="UP004",
    name="neighbour-table-overflow",
    stage=Stage.UPLINK,
    needs=("sysctls", "kernel_counters", "bridges", "processes"),
    consults=("logs", "sockets", "networks"),
    fix="sometimes",
)
_NEARLY = 0.9
_ROOM = 4
_TABLES = (("arp_cache", "ipv4", "IPv4"), ("ndisc_cache", "ipv6", "IPv6"))


class _Table(NamedTuple):
    """`refused`: entries that the kernel did not make since its start."""

    name: str
    family: str
    title: str
    entries: int
    refused: int
    most: int


def check(facts: Facts, target: Target) -> Outcome:
    bridge = bridge_behind(facts.host, target)
    if not isinstance(bridge, Bridge):
        return bridge
    if not any(server.here for server in servers_of(facts.host, bridge, target)):
        return NotApplicable(f"no server of this host serves {bridge.name}: a bridge needs no neighbours")
    tables = _tables(facts.host)
    if not tables:
        return NotApplicable("only the kernel's first network namespace tells how full its tables of neighbours are")
    worst = max(tables, key=lambda table: (bool(table.refused), table.entries / table.most))
    if not worst.refused or worst.entries < worst.most * _NEARLY:
        return Fine("the kernel's tables of neighbours have room")
    return _broken(facts.host, worst)


def _broken(host: Host, table: _Table) -> Broken:
    full = table.entries >= table.most
    where = f"/proc/net/stat/{table.name}"
    held = "as many entries as that, or more" if full else "nine tenths of that"
    return Broken(
        headline=f"The kernel's table of {table.title} neighbours is {'full' if full else 'nearly full'}: to a guest "
        f"that it does not know yet this host {'sends nothing' if full else 'soon sends nothing'}.",
        subject=table.name,
        scope="host",
        hop=Hop.POSTROUTING,
        leg=Leg.ANSWER,
        severity="broken" if full else "risk",
        evidence=(
            Evidence("as many neighbours as the kernel knows", f"/proc/sys/{_limit(table.family)}", str(table.most)),
            # No numbers: they move while one looks.
            Evidence(f"the table holds {held}", f"{where}: entries (hexadecimal)"),
            Evidence("the kernel has refused new ones", f"{where}: table_fulls"),
            *_said_by_kernel(host),
        ),
    )


def _limit(family: str) -> str:
    from pxedoctor.plans.neighbours import threshold

    return threshold(family, 3)


def _tables(host: Host) -> tuple[_Table, ...]:
    counters, sysctls = known(host.kernel_counters), known(host.sysctls)
    found = []
    for name, family, title in _TABLES:
        entries, refused = counters.get(f"{name} entries"), counters.get(f"{name} table_fulls")
        most = _number(sysctls, _limit(family))
        if entries is not None and refused is not None and most:
            found.append(_Table(name, family, title, entries, refused, most))
    return tuple(found)


def _number(sysctls: dict[str, str], name: str) -> int | None:
    value = sysctls.get(name, "")
    return int(value) if value.isascii() and value.isdigit() else None


def _said_by_kernel(host: Host) -> tuple[Evidence, ...]:
    logs = () if isinstance(host.logs, Missing) else host.logs
    lines = [line for line in logs if "table overflow" in line.text]
    # The first: the kernel goes on to say so, and two looks must say the same.
    return tuple(Evidence("the kernel says so", line.origin, line.text) for line in lines[:1])


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.neighbours import room, threshold

    table = next((table for table in _tables(facts.host) if table.name == finding.broken.subject), None)
    if table is None:
        return NoPlan("the limit could not be read")
    sysctls = known(facts.host.sysctls)
    # From the limit down: none of them is ever above the next.
    before = {number: _number(sysctls, threshold(table.family, number)) for number in (3, 2, 1)}
    steps = tuple(room(table.family, number, most * _ROOM) for number, most in before.items() if most)
    lines = " and ".join(f"{step.name.replace('/', '.')} = {step.value}" for step in steps)
    return Plan(
        steps=steps,
        other_ways=(
            f"For good: a file in /etc/sysctl.d with {lines}",
            f"Who needs so many: ip -{table.family[-1]} neigh show nud all, by device; a flush only empties it for a "
            "moment.",
        ),
    )
