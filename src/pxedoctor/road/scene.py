"""What one walk needs of a host: its rules, one bridge, its devices, and whether br_netfilter calls the IP hooks."""

from copy import copy
from typing import Literal

import msgspec

from pxedoctor.model.bridge import Bridge, Port
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.link import Link
from pxedoctor.netfilter.field import ETHERTYPES
from pxedoctor.netfilter.hook import AtHook
from pxedoctor.netfilter.ruleset import Ruleset
from pxedoctor.netfilter.seen import Family, Hook, Packet, Place
from pxedoctor.netfilter.syntax import Table
from pxedoctor.road.asking import Asking
from pxedoctor.road.hop import RoadHop
from pxedoctor.road.reference import told
from pxedoctor.road.routing import routes_of
from pxedoctor.road.tree import outward_ports

_FAMILIES = {ETHERTYPES["ip"]: Family.IP, ETHERTYPES["ip6"]: Family.IP6, ETHERTYPES["arp"]: Family.ARP}
_CALLS: dict[Family, Literal["iptables", "ip6tables", "arptables"]] = {
    Family.IP: "iptables",
    Family.IP6: "ip6tables",
    Family.ARP: "arptables",
}


# net/bridge/br_netfilter_hooks.c br_nf_ops: the place in the bridge's PREROUTING from which the IP hooks are called.
_CALLED_AT = 0


class NewPort(msgspec.Struct, frozen=True):
    """A port with a bridge's defaults: the one that a guest's next start will make, which has no name yet."""

    name: str | None = None


class OtherGuest(msgspec.Struct, frozen=True):
    """Some other guest's port of the same bridge; which one is not known."""

    name: None = None


AnyPort = Port | NewPort | OtherGuest
# A device of this host by its name ("" for none, None: not known), or a port.
Device = AnyPort | str | None


def name_of(device: Device) -> str | None:
    return device if device is None or isinstance(device, str) else device.name


class Lookup:
    """A host's rules and devices, as many walks ask them; what they have answered is kept.

    `early` and `late` are the bridge's rules in PREROUTING, before and after br_netfilter's place. `missing`: why no
    rule is known. `shown`: what walks have shown to the rules, and where, since it was last emptied.
    """

    def __init__(self, host: Host, rules: Ruleset | Missing) -> None:
        self.host = host
        self.missing = rules if isinstance(rules, Missing) else None
        known = Ruleset() if isinstance(rules, Missing) else rules
        self.all = Asking(known)
        self.early = Asking(_of_prerouting(known, late=False))
        self.late = Asking(msgspec.structs.replace(_of_prerouting(known, late=True), unlisted=()))
        self.links = {} if isinstance(host.links, Missing) else {link.name: link for link in host.links}
        self.taken = frozenset(self.links)
        self.routes = routes_of(host)
        self.shown: list[tuple[Packet, Place]] = []
        self._outward: dict[str, frozenset[str]] = {}
        self._told: dict[int, tuple[AtHook, RoadHop]] = {}
        self._places: dict[tuple[Family, Hook, str | None, str | None], Place] = {}

    def with_tap(self, link: Link, bridge: Bridge) -> "Lookup":
        """The same with one device more, a tap that leads out of no bridge; what rules have answered, both share."""
        self.outward(bridge)
        more = copy(self)
        more.links = {**self.links, link.name: link}
        more.shown, more._places = [], {}
        return more

    def through(self, rules: Ruleset) -> "Lookup":
        """The same devices, and other rules."""
        other = Lookup(self.host, rules)
        other.links, other._outward = self.links, self._outward
        return other

    def outward(self, bridge: Bridge) -> frozenset[str]:
        """The names of the ports that lead out (road.tree)."""
        if bridge.name not in self._outward:
            self._outward[bridge.name] = frozenset(outward_ports(self.host, bridge))
        return self._outward[bridge.name]

    def told(self, found: AtHook) -> RoadHop:
        """The answer in words, which many packets share."""
        if id(found) not in self._told:
            # The answer itself is kept too, so that no other takes its id.
            self._told[id(found)] = (found, told(self.host, found))
        return self._told[id(found)][1]

    def place(self, family: Family, hook: Hook, inward: str | None, outward: str | None) -> Place:
        """The hook with the devices that the kernel hands to it there; "" for none, None for one of unknown name."""
        key = (family, hook, inward, outward)
        if key not in self._places:
            self._places[key] = Place(
                family=family,
                hook=hook,
                in_device=inward,
                out_device=outward,
                in_index=self._index(inward),
                out_index=self._index(outward),
                in_group=self._group(inward),
                out_group=self._group(outward),
                routes=self.routes,
            )
        return self._places[key]

    def _index(self, device: str | None) -> int | None:
        link = self.links.get(device) if device else None
        return link.index if link else None

    def _group(self, device: str | None) -> int | None:
        """A device that is still to be made is in group 0 (net/core/dev.c INIT_NETDEV_GROUP)."""
        link = self.links.get(device) if device else None
        return link.group if link else 0 if device is None else None


def _of_prerouting(rules: Ruleset, late: bool) -> Ruleset:
    tables = (table for table in rules.tables if table.family == Family.BRIDGE)
    return msgspec.structs.replace(rules, tables=tuple(_only(table, late) for table in tables))


def _only(table: Table, late: bool) -> Table:
    chains = {
        name: chain
        for name, chain in table.chains.items()
        if not chain.hook or (chain.hook == Hook.PREROUTING and (chain.priority > _CALLED_AT) is late)
    }
    return msgspec.structs.replace(table, chains=chains)


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """One bridge of a host, on which a packet is walked."""

    bridge: Bridge
    known: Lookup

    @property
    def host(self) -> Host:
        return self.known.host

    def leads_out(self, port: str) -> bool:
        return port in self.known.outward(self.bridge)

    def link(self, name: str | None) -> Link | None:
        return self.known.links.get(name) if name else None

    def family(self, packet: Packet) -> Family:
        return _FAMILIES[packet.ethertype]

    def calls(self, family: Family) -> bool | None:
        """Whether br_netfilter shows this bridge's frames to the hooks of the family; None: not known.

        It does where the sysctl of the host or the bridge's own switch says so (br_netfilter_hooks.c). A host that has
        no such sysctl has no br_netfilter.
        """
        own = getattr(self.bridge, f"nf_call_{_CALLS[family]}")
        if isinstance(self.host.sysctls, Missing):
            return True if own else None
        host_wide = self.host.sysctls.get(f"net/bridge/bridge-nf-call-{_CALLS[family]}", "0") != "0"
        return True if host_wide else own

    def place(self, family: Family, hook: Hook, inward: Device, outward: Device) -> Place:
        """As `Lookup.place`; at a bridge's hooks with this bridge."""
        names = (name_of(inward), name_of(outward))
        place = self.known.place(family, hook, *names)
        if family is Family.BRIDGE:
            place = msgspec.structs.replace(place, bridge=self.bridge.name)
        return self.with_new(place, inward, outward) if None in names else place

    def with_new(self, place: Place, *devices: Device) -> Place:
        """A port that is still to be made gets no name that a device has now."""
        unnamed = [device for device in devices if name_of(device) is None]
        if not unnamed or not all(isinstance(device, NewPort) for device in unnamed):
            return place
        return msgspec.structs.replace(place, taken=self.known.taken)
