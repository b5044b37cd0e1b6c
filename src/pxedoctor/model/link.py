"""Network devices of the host, with their addresses and counters."""

import msgspec

# The kernel's kinds of device through which guests are plugged in (`ip -d link`: linkinfo.info_kind).
_TAP_KINDS = frozenset({"tun"})


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """One address of a device; `prefix` in bits."""

    family: str
    address: str
    prefix: int


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """Packets since the device was made, seen from the host: a tap's `rx` is what the guest sent."""

    rx_packets: int = 0
    tx_packets: int = 0
    rx_dropped: int = 0
    tx_dropped: int = 0


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A network device. `carrier` is IFF_LOWER_UP: for a tap, somebody holds it open.

    `group` is its number (ip-link(8)), None where it has a name that only the host's own files explain. `xdp`: a
    program is attached that sees each frame first. `peer_namespace`: the other end of a veth is in another one.
    `lower`: the device that it sits on (a VLAN's, a macvlan's), or a veth's other end where that is in this namespace.
    `vlan`: the id of a VLAN device (802.1Q). `bond_mode`: of a bond, as ip-link(8) writes it. `wireless`: it is a part
    of a radio (802.11); None: not known.
    """

    index: int
    name: str
    mac: str
    mtu: int
    up: bool
    carrier: bool
    kind: str = ""
    master: str | None = None
    group: int | None = 0
    xdp: bool = False
    peer_namespace: int | None = None
    lower: str = ""
    vlan: int | None = None
    bond_mode: str = ""
    wireless: bool | None = False
    addresses: tuple[Address, ...] = ()
    counters: Counters = Counters()

    @property
    def is_tap(self) -> bool:
        return self.kind in _TAP_KINDS
