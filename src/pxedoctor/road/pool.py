"""How many addresses a DHCP server of this host has left, from its ranges, its reservations and its leases.

dnsmasq hands out an address of its ranges that nobody has a live lease of, that is reserved for nobody and not its own;
in class C networks none that ends in 0 or 255 (dnsmasq src/dhcp.c, address_allocate). libvirt tells it to give as many
leases as its ranges have addresses and no more (dhcp-lease-max), those of reserved addresses counted in.
"""

from functools import lru_cache
from ipaddress import IPv4Address

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.lease import Lease, LeaseStore
from pxedoctor.model.libvirt import Network, Reservation
from pxedoctor.model.link import Link
from pxedoctor.model.process import Process
from pxedoctor.road.dnsmasq import Settings, reservations, settings_of, spans
from pxedoctor.road.subnet import ipv4_addresses, ipv4_network, ipv4_subnets

Span = tuple[IPv4Address, IPv4Address]

# 192.0.0.0/3 (IN_CLASSC).
_CLASS_C = range(0xC0000000, 0xE0000000)
_DNSMASQ_LEASES = 1000


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """`size` addresses to hand out, of which `free` are left; `given` live leases of all kinds, `limit` at most."""

    origin: str
    size: int
    free: int
    given: tuple[Lease, ...]
    limit: int
    reserved: tuple[Reservation, ...]

    @property
    def at_limit(self) -> bool:
        return len(self.given) >= self.limit

    def lease_of(self, mac: str) -> Lease | None:
        return next((lease for lease in self.given if lease.mac == mac.lower()), None)

    def reserves_for(self, mac: str) -> bool:
        return any(entry.mac == mac.lower() for entry in self.reserved)


def pool_of_network(host: Host, network: Network) -> Pool | Missing | None:
    """None for a network that hands out no IPv4 range. Missing where its leases or the clock are not known."""
    ranges = tuple(ends for subnet, _ in ipv4_subnets(network) for ends in subnet.ranges)
    found = _spans(ranges)
    if not found:
        return None
    reserved = tuple(entry for subnet, _ in ipv4_subnets(network) for entry in subnet.reserved)
    own = {subnet.address for subnet, _ in ipv4_subnets(network)}
    size = sum(_count(span) for span in found)
    return _pool(host, network.bridge, None, (found, own, reserved, size))


def pool_of_process(host: Host, process: Process, link: Link) -> Pool | Missing | None:
    """As `pool_of_network`, of a dnsmasq that is not libvirt's: what it hands out on one device."""
    settings = settings_of(process)
    if settings is None:
        return None
    entries = ipv4_addresses(link)
    own = {entry.address for entry in entries}
    nets = [ipv4_network(entry.address, entry.prefix) for entry in entries]
    found = tuple(s for s in _spans(spans(settings)) if any(net is not None and s[0] in net for net in nets))
    return _pool(host, "", process.pid, (found, own, reservations(settings), _limit(settings))) if found else None


def _limit(settings: Settings) -> int:
    named = [value for value in settings.values("dhcp-lease-max") if value.isascii() and value.isdigit()]
    return int(named[-1][:9]) if named else _DNSMASQ_LEASES


# One dnsmasq may have a range for each of 500 bridges, of each of which its pool is asked.
@lru_cache(maxsize=1024)
def _spans(ranges: tuple[tuple[str, str], ...]) -> tuple[Span, ...]:
    try:
        found = tuple((IPv4Address(first), IPv4Address(last)) for first, last in ranges)
    except ValueError:
        return ()
    return tuple(span for span in found if span[0] <= span[1])


def _count(span: Span) -> int:
    return int(span[1]) - int(span[0]) + 1


def _pool(
    host: Host, bridge: str, pid: int | None, rules: tuple[tuple[Span, ...], set[str], tuple[Reservation, ...], int]
) -> Pool | Missing:
    found, own, reserved, limit = rules
    if isinstance(host.leases, Missing):
        return host.leases
    store = host.leases.of_bridge(bridge) if pid is None else host.leases.of_process(pid)
    if store is None:
        # libvirt writes the file with the first lease; a dnsmasq of one's own makes it when it starts.
        if pid is not None:
            return Missing("absent", f"the lease file of pid {pid} is not known", "run it as root")
        store = LeaseStore(origin=f"/var/lib/libvirt/dnsmasq/{bridge}.status", leases=(), bridge=bridge)
    given = _live(store, host.leases.now)
    if isinstance(given, Missing):
        return given
    taken = {*own, *(entry.address for entry in reserved), *(lease.address for lease in given)}
    size = sum(_usable(span) for span in found)
    used = sum(1 for address in taken if _in(address, found))
    return Pool(origin=store.origin, size=size, free=size - used, given=given, limit=limit, reserved=reserved)


def _live(store: LeaseStore, now: int | None) -> tuple[Lease, ...] | Missing:
    if now is None and any(lease.expires is not None for lease in store.leases):
        return Missing("absent", f"which leases in {store.origin} have expired: the host's clock is not known")
    return tuple(lease for lease in store.leases if lease.expires is None or now is None or lease.expires > now)


def _in(address: str, found: tuple[Span, ...]) -> bool:
    try:
        value = IPv4Address(address)
    except ValueError:
        return False
    return not _is_edge(int(value)) and any(first <= value <= last for first, last in found)


def _is_edge(value: int) -> bool:
    return value in _CLASS_C and value & 0xFF in {0x00, 0xFF}


def _usable(span: Span) -> int:
    first, last = int(span[0]), int(span[1])
    if first not in _CLASS_C or last not in _CLASS_C:
        return last - first + 1
    return last - first + 1 - sum(_ending_in(octet, first, last) for octet in (0x00, 0xFF))


def _ending_in(octet: int, first: int, last: int) -> int:
    return (last - octet) // 256 - (first - 1 - octet) // 256
