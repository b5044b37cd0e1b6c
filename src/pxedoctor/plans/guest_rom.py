"""Steps on the boot ROM of a guest's NIC."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import ROM_OFF, Domain
from pxedoctor.plans.guest import defined_nic, interface_of
from pxedoctor.plans.request import EditDefinition, Request, taking_back
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo


class SwitchRomOn(msgspec.Struct, frozen=True, kw_only=True):
    """What switches a NIC's boot ROM off goes from its definition: the ROM is there again at the next full start.

    `off`: the attributes of <rom> that do, as in Nic.rom_off.
    """

    domain: str
    mac: str
    off: tuple[str, ...]
    safety: Safety = Safety.RISKY
    may_lose: str = "A guest that has not asked the network for long does so then, and takes what is offered."

    def describe(self) -> str:
        return f"the boot ROM of NIC {self.mac} of {self.domain} on, from its next full start"

    def argv(self) -> tuple[str, ...]:
        return ("virsh", "-c", "qemu:///system", "edit", self.domain)

    def simulate(self, host: Host) -> Host | Assumed:
        """A guest that runs keeps the ROM that it was started with."""
        if isinstance(host.domains, Missing) or any(
            entry.name == self.domain and entry.running for entry in host.domains
        ):
            return Assumed(f"{self.domain} has the boot ROM of its NIC after a full shutdown and start")
        return msgspec.structs.replace(host, domains=tuple(map(self._changed, host.domains)))

    def _changed(self, domain: Domain) -> Domain:
        if domain.name != self.domain:
            return domain
        nics = (msgspec.structs.replace(nic, rom_off=()) if nic.mac == self.mac else nic for nic in domain.nics)
        return msgspec.structs.replace(domain, nics=tuple(nics))

    def undo(self, host: Host) -> Undo:
        before = defined_nic(host, self.domain, self.mac)
        if isinstance(before, Nothing):
            return before
        request = taking_back(self._edit(back=True), self._edit(back=False))
        return Inverse(f"boot ROM of NIC {self.mac} of {self.domain} off again", self.argv(), request)

    def request(self) -> Request:
        return self._edit(back=False)

    def _edit(self, *, back: bool) -> EditDefinition:
        attributes = tuple((name, ROM_OFF[name] if back else None) for name in self.off)
        return EditDefinition("domain", self.domain, interface_of(self.mac), "rom", attributes)
