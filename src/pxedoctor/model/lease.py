"""The leases that DHCP servers of this host have written down, and the host's clock beside them."""

import msgspec


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """One IPv4 lease. `expires`: seconds since 1970, UTC; None for one that never does."""

    address: str
    mac: str
    expires: int | None


class LeaseStore(msgspec.Struct, frozen=True, kw_only=True):
    """One server's leases as `origin` holds them: libvirt's for a `bridge`, or those of the dnsmasq of a `pid`."""

    origin: str
    leases: tuple[Lease, ...]
    bridge: str = ""
    pid: int | None = None


class Leases(msgspec.Struct, frozen=True, kw_only=True):
    """`now`: the host's clock when it was asked, seconds since 1970; None where it could not be had."""

    now: int | None
    stores: tuple[LeaseStore, ...] = ()

    def of_bridge(self, bridge: str) -> LeaseStore | None:
        return next((store for store in self.stores if store.bridge == bridge), None)

    def of_process(self, pid: int) -> LeaseStore | None:
        return next((store for store in self.stores if store.pid == pid), None)
