"""The DHCP server has no address left for this guest: its range is as full as its list of leases.

What it does
    Counts the addresses of the ranges of a libvirt network, or of a dnsmasq of the host's own, and takes away what is
    reserved, what the server has itself, and the leases that have not expired. A guest that has a lease gets it again,
    one with a reservation gets that. Of ISC dhcpd and Kea it reads in the log that they had none left for this guest.

Why the guest fails
    A guest that is destroyed gives nothing back: its lease stays until it expires, an hour with libvirt, for ever with
    an infinite one. Guests that come and go, each with a MAC of its own, use up a range that would hold them all at any
    moment. libvirt's dnsmasq gives as many leases as the ranges have addresses, those of reservations counted in: with
    that many it still offers, and then refuses the request.

What you see
    The DISCOVERs arrive, and dnsmasq logs "DHCPDISCOVER(virbr0) 52:54:... no address available", or "DHCPNAK(virbr0)
    ... no leases left". dhcpd: "no free leases". Kea: "ALLOC_ENGINE_V4_ALLOC_FAIL".

Fix
    Let the network hand out more of its prefix: a second range, from the widest stretch that is neither in a range nor
    reserved. Or shorter leases (<lease expiry='10' unit='minutes'/> in <range>), where guests live shortly.

Fix safety
    RISKY: somebody may have set an address of the new range by hand; dnsmasq asks by ping first, and not everybody
    answers. libvirt restarts its dnsmasq, which keeps its leases. It cannot be undone: with the leases of the new range
    stored, dnsmasq does not start on the old one. No plan where the prefix has no room, or the server is not libvirt's.

References
    dnsmasq src/dhcp.c (address_allocate), src/lease.c (leases_left), src/rfc2131.c; libvirt src/network/bridge_driver.c
    (dhcp-lease-max); projectcalico/felix#233, canonical/multipass#383
"""

import re
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, MissingFactError
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network, Subnet
from pxedoctor.model.log import LogLine
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.exchange import servers
from pxedoctor.road.network import serving_network
from pxedoctor.road.pool import Pool, pool_of_network, pool_of_process
from pxedoctor.road.subnet import ipv4_subnets
from pxedoctor.road.tree import outward_ports

META = Meta(
    code="DS005",
    name="dhcp-pool-exhausted",
    stage=Stage.SERVER,
    needs=(),
    consults=("leases", "networks", "processes", "links", "bridges", "sockets", "logs", "domains"),
    fix="sometimes",
    explains=("dhcp-nak-loop",),
)

_NONE_LEFT = (
    r"dnsmasq-dhcp\S*: .*DHCPDISCOVER\(.*no address available|dnsmasq-dhcp\S*: .*DHCPNAK\(.*no leases left"
    r"|dhcpd\S*: .*no free leases|kea-dhcp4.*ALLOC_ENGINE_V4_ALLOC_FAIL"
)
_OF_OTHERS = r"dhcpd\S*: |kea-dhcp4"
_FEWEST = 2


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    if isinstance(host.leases, Missing):
        # Not on the road: a pool that nobody can count is no reason to doubt one that was never full.
        return Unknown(missing=host.leases.why, would_help=host.leases.would_help)
    if isinstance(host.networks, Missing) and host.networks.status != "absent":
        raise MissingFactError(host.networks)
    network = serving_network(host, target)
    if network is not None:
        return _judged(facts, target, network.name, pool_of_network(host, network))
    link = host.link(target.bridge or "")
    processes = () if isinstance(host.processes, Missing) else host.processes
    pids = {server.pid for server in servers(facts, target) if server.here}
    for process in processes if link is not None else ():
        if process.pid in pids and "dnsmasq" in process.name and link is not None:
            return _judged(facts, target, link.name, pool_of_process(host, process, link))
    return _by_log(facts, target, {process.name for process in processes if process.pid in pids})


def _judged(facts: Facts, target: Target, subject: str, pool: Pool | Missing | None) -> Outcome:
    if pool is None:
        return NotApplicable(f"the server of {subject} hands out no range of IPv4 addresses that is known")
    if isinstance(pool, Missing):
        return Unknown(missing=pool.why, would_help=pool.would_help)
    if target.mac and pool.lease_of(target.mac):
        return Fine(f"{target.mac} has a lease, and gets it again")
    if any(not offer.proxy for seen in facts.probed(target.id) for offer in seen.offers) and not pool.at_limit:
        return Fine("a probe in this guest's name was offered an address")
    if pool.at_limit:
        return _broken(facts, target, subject, pool)
    if target.mac and pool.reserves_for(target.mac):
        return Fine(f"an address is reserved for {target.mac}")
    if pool.free > 0:
        return Fine(f"{pool.free} of {pool.size} addresses are left")
    return _broken(facts, target, subject, pool)


def _broken(facts: Facts, target: Target, subject: str, pool: Pool) -> Broken:
    what = f"all {pool.limit} leases that it may give" if pool.at_limit else f"all {pool.size} addresses of its range"
    by_name = any(not entry.mac for entry in pool.reserved)
    return Broken(
        headline=f"the DHCP server of {subject} has given away {what}: a guest without one gets none.",
        subject=subject,
        scope="network" if facts.host.network(subject) else "bridge",
        hop=Hop.SERVER,
        severity="broken" if target.mac and not _another_may_serve(facts.host, target) else "risk",
        certainty="likely" if by_name else "proven",
        evidence=(
            Evidence("leases that have not expired", pool.origin, str(len(pool.given))),
            *_soonest(pool),
            *_strangers(facts.host, pool),
            *_said(facts.host, target.bridge or ""),
        ),
    )


def _another_may_serve(host: Host, target: Target) -> bool:
    """There may be another server behind a port that leads out."""
    bridge = host.bridge(target.bridge or "")
    return bridge is not None and bool(outward_ports(host, bridge))


def _soonest(pool: Pool) -> tuple[Evidence, ...]:
    ends = [lease.expires for lease in pool.given if lease.expires is not None]
    if not ends:
        return (Evidence("none of them ever expires", pool.origin),)
    at = datetime.fromtimestamp(min(ends), UTC)
    return (Evidence("the next of them expires", pool.origin, f"{at:%Y-%m-%d %H:%M:%S} UTC"),)


def _strangers(host: Host, pool: Pool) -> tuple[Evidence, ...]:
    """Leases of MACs that no guest of this host has: of guests that are gone, or of somebody else."""
    if isinstance(host.domains, Missing):
        return ()
    ours = {nic.mac.lower() for domain in host.domains for nic in domain.nics}
    gone = sorted({lease.mac for lease in pool.given if lease.mac not in ours})
    text = "of them are for MACs that no guest of this host has, e.g. of guests that are gone"
    return (Evidence(f"{len(gone)} {text}", pool.origin, ", ".join(gone[:3])),) if gone else ()


def _said(host: Host, bridge: str) -> tuple[Evidence, ...]:
    lines = [line for line in _none_left(host) if f"({bridge})" in line.text]
    return tuple(Evidence("what it said last", line.origin, line.text) for line in lines[-1:])


def _none_left(host: Host) -> list[LogLine]:
    lines = () if isinstance(host.logs, Missing) else host.logs
    return [line for line in lines if re.search(_NONE_LEFT, line.text)]


def _by_log(facts: Facts, target: Target, programs: set[str]) -> Outcome:
    """ISC dhcpd and Kea: the last word that one of them said about this guest was that it had none left."""
    if not programs & {"dhcpd", "kea-dhcp4"} or not target.mac:
        return NotApplicable("no server of this host, whose leases or log pxedoctor understands, is known to serve it")
    lines = () if isinstance(facts.host.logs, Missing) else facts.host.logs
    about = [line for line in lines if re.search(_OF_OTHERS, line.text) and target.mac in line.text.lower()]
    if not about or not re.search(_NONE_LEFT, about[-1].text):
        return Fine(f"its server has not said that it had no address for {target.mac}")
    last = about[-1]
    name = target.bridge or ""
    return Broken(
        headline=f"the DHCP server of {name} had no address left when {target.mac} last asked.",
        subject=name,
        scope="bridge",
        hop=Hop.SERVER,
        severity="risk" if _another_may_serve(facts.host, target) else "broken",
        certainty="likely",
        evidence=(Evidence("the last that it said about this guest", last.origin, last.text),),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.dhcp_range import AddDhcpRange

    network = facts.host.network(finding.broken.subject)
    shorter = "or shorter leases, and wait until the old ones have expired"
    if network is None:
        return NoPlan("its server is not libvirt's: its settings are a person's", ("give it a wider range", shorter))
    pool = pool_of_network(facts.host, network)
    reserved = {entry.address for entry in pool.reserved} if isinstance(pool, Pool) else set()
    for subnet, net in ipv4_subnets(network):
        stretch = _widest(subnet, net, reserved)
        if subnet.serves_dhcp and stretch is not None:
            step = AddDhcpRange(network=network.name, first=str(stretch[0]), last=str(stretch[1]))
            return Plan(steps=(step,), other_ways=(_shorter_leases(network),))
    return NoPlan(
        "the network's prefix has no stretch of addresses left that is neither in a range nor reserved",
        (_shorter_leases(network), f"or a shorter prefix in virsh net-edit {network.name}"),
    )


def _shorter_leases(network: Network) -> str:
    words = "<lease expiry='10' unit='minutes'/> in its <range> gives back sooner what guests that are gone had"
    return f"virsh net-edit {network.name}: {words}; it holds from the network's next start."


def _widest(subnet: Subnet, net: IPv4Network, reserved: set[str]) -> tuple[IPv4Address, IPv4Address] | None:
    """The widest stretch of the prefix without what is handed out or reserved, and the network's own address."""
    ends = [*subnet.ranges, (subnet.address, subnet.address), *((address, address) for address in reserved)]
    try:
        taken = sorted((IPv4Address(first), IPv4Address(last)) for first, last in ends if first)
    except ValueError:
        return None
    best: tuple[IPv4Address, IPv4Address] | None = None
    start = net.network_address + 1
    for first, last in [*taken, (net.broadcast_address, net.broadcast_address)]:
        if first > start and (best is None or int(first) - int(start) > int(best[1]) - int(best[0]) + 1):
            best = (start, first - 1)
        start = max(start, last + 1)
    return best if best is not None and int(best[1]) - int(best[0]) + 1 >= _FEWEST else None
