"""Steps on the host's firewall: the CHECKSUM rule, the zone of an interface, and a service that a zone lets in."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.firewalld import Firewalld
from pxedoctor.model.host import Host
from pxedoctor.model.netfilter import RulesText
from pxedoctor.plans.request import Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo


class AddChecksumRule(msgspec.Struct, frozen=True, kw_only=True):
    """Fill the UDP sum of DHCP replies that leave through a bridge (xt_CHECKSUM; the rule libvirt itself writes)."""

    bridge: str
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    @property
    def rule(self) -> str:
        """As iptables-save prints it after its -A."""
        return f"POSTROUTING -o {self.bridge} -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill"

    def _argv(self, action: str) -> tuple[str, ...]:
        return ("iptables", "-w", "-t", "mangle", action, *self.rule.split())

    def describe(self) -> str:
        return f"fill the checksum of DHCP replies that leave through {self.bridge}"

    def argv(self) -> tuple[str, ...]:
        return self._argv("-A")

    def undo_argv(self) -> tuple[str, ...]:
        return self._argv("-D")

    def simulate(self, host: Host) -> Host | Assumed:
        assumed = Assumed(f"mangle POSTROUTING fills the sums of DHCP replies on {self.bridge}")
        if isinstance(host.netfilter, Missing):
            return assumed
        listings = tuple(self._append(listing) for listing in host.netfilter.listings)
        if listings == host.netfilter.listings:
            return assumed
        return msgspec.structs.replace(host, netfilter=msgspec.structs.replace(host.netfilter, listings=listings))

    def _append(self, listing: RulesText) -> RulesText:
        if listing.family != "ip" or listing.dialect != "iptables-save" or "*mangle\n" not in listing.text:
            return listing
        before, _, table = listing.text.partition("*mangle\n")
        body, _, after = table.partition("COMMIT\n")
        text = f"{before}*mangle\n{body}-A {self.rule}\nCOMMIT\n{after}"
        return msgspec.structs.replace(listing, text=text)

    def undo(self, host: Host) -> Undo:
        argv = self.undo_argv()
        return Inverse(f"take that checksum rule of {self.bridge} away", argv, Run(argv, only_if=self._argv("-C")))

    def request(self) -> Request:
        return Run(self.argv())


class SetZone(msgspec.Struct, frozen=True, kw_only=True):
    """Bind an interface to a firewalld zone, at run time."""

    interface: str
    zone: str
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"put {self.interface} into firewalld's zone {self.zone}"

    def argv(self) -> tuple[str, ...]:
        return ("firewall-cmd", f"--zone={self.zone}", f"--change-interface={self.interface}")

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.firewalld, Missing):
            return Assumed(f"{self.interface} is in zone {self.zone}")
        zones = tuple(
            msgspec.structs.replace(zone, interfaces=self._members(zone.name, zone.interfaces))
            for zone in host.firewalld.zones
        )
        return msgspec.structs.replace(host, firewalld=msgspec.structs.replace(host.firewalld, zones=zones))

    def _members(self, zone: str, interfaces: tuple[str, ...]) -> tuple[str, ...]:
        others = tuple(name for name in interfaces if name != self.interface)
        return (*others, self.interface) if zone == self.zone else others

    def undo(self, host: Host) -> Undo:
        if isinstance(host.firewalld, Missing):
            return Nothing("the zones could not be read when the plan was made")
        before = host.firewalld.zone_of(self.interface)
        leaves = self._leaves(host.firewalld)
        # Whoever has moved it into a third zone since meant that.
        there = ("firewall-cmd", f"--zone={self.zone}", f"--query-interface={self.interface}")
        if before is None:
            argv: tuple[str, ...] = ("firewall-cmd", f"--zone={self.zone}", f"--remove-interface={self.interface}")
            words = f"take {self.interface} out of zone {self.zone} again"
            return Inverse(words, argv, Run(argv, only_if=there), leaves=leaves)
        argv = ("firewall-cmd", f"--zone={before.name}", f"--change-interface={self.interface}")
        words = f"put {self.interface} back into zone {before.name}"
        return Inverse(words, argv, Run(argv, only_if=there), leaves=leaves)

    def _leaves(self, firewalld: Firewalld) -> str:
        """firewalld writes a zone's chains when the zone is first used (fw_zone.py), and keeps them ever after."""
        zone = firewalld.zone(self.zone)
        if zone is None or zone.interfaces or zone.sources or zone.name == firewalld.default_zone:
            return ""
        return (
            f"firewalld keeps the chains of zone {self.zone}, to which nothing leads now, until its next reload: "
            "firewall-cmd --reload, which also ends all that was set at run time alone"
        )

    def request(self) -> Request:
        return Run(self.argv())


class AddService(msgspec.Struct, frozen=True, kw_only=True):
    """Let a service in through a firewalld zone, at run time: firewalld's next reload ends it."""

    zone: str
    service: str
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def _argv(self, action: str) -> tuple[str, ...]:
        return ("firewall-cmd", f"--zone={self.zone}", f"--{action}-service={self.service}")

    def describe(self) -> str:
        return f"let {self.service} in through firewalld's zone {self.zone}"

    def argv(self) -> tuple[str, ...]:
        return self._argv("add")

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.firewalld, Missing) or host.firewalld.zone(self.zone) is None:
            return Assumed(f"zone {self.zone} lets {self.service} in")
        zones = tuple(
            msgspec.structs.replace(zone, services=tuple(dict.fromkeys((*zone.services, self.service))))
            if zone.name == self.zone
            else zone
            for zone in host.firewalld.zones
        )
        return msgspec.structs.replace(host, firewalld=msgspec.structs.replace(host.firewalld, zones=zones))

    def undo(self, host: Host) -> Undo:
        zone = None if isinstance(host.firewalld, Missing) else host.firewalld.zone(self.zone)
        if zone is None:
            return Nothing(f"what zone {self.zone} let in could not be read when the plan was made")
        if self.service in zone.services:
            return Nothing(f"zone {self.zone} let {self.service} in already")
        argv = self._argv("remove")
        back = Run(argv, only_if=self._argv("query"))
        return Inverse(f"take {self.service} out of zone {self.zone} again", argv, back)

    def request(self) -> Request:
        return Run(self.argv())
