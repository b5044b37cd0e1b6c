"""Steps on the host's firewall: the CHECKSUM rule and the zone of an interface."""

import msgspec

from pxedoctor.model.fact import Missing
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

    def _rule(self) -> str:
        return f"POSTROUTING -o {self.bridge} -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill"

    def _argv(self, action: str) -> tuple[str, ...]:
        return ("iptables", "-w", "-t", "mangle", action, *self._rule().split())

    def describe(self) -> str:
        return f"fill the checksum of DHCP replies that leave through {self.bridge}"

    def argv(self) -> tuple[str, ...]:
        return self._argv("-A")

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
        text = f"{before}*mangle\n{body}-A {self._rule()}\nCOMMIT\n{after}"
        return msgspec.structs.replace(listing, text=text)

    def undo(self, host: Host) -> Undo:
        argv = self._argv("-D")
        return Inverse(f"take that checksum rule of {self.bridge} away", argv, Run(argv))

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
        if before is None:
            argv: tuple[str, ...] = ("firewall-cmd", f"--zone={self.zone}", f"--remove-interface={self.interface}")
            return Inverse(f"take {self.interface} out of zone {self.zone} again", argv, Run(argv))
        argv = ("firewall-cmd", f"--zone={before.name}", f"--change-interface={self.interface}")
        return Inverse(f"put {self.interface} back into zone {before.name}", argv, Run(argv))

    def request(self) -> Request:
        return Run(self.argv())
