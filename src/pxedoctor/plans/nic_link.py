"""The cable of a guest's NIC, as libvirt holds it: virsh(1) domif-setlink."""

from typing import Literal

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Domain
from pxedoctor.plans.guest import interface_of
from pxedoctor.plans.request import EditDefinition, Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo

Where = Literal["live", "config"]


class PlugInCable(msgspec.Struct, frozen=True, kw_only=True):
    """Sets a NIC's link up: `live` in the guest that runs, `config` in its definition, which its next start takes."""

    domain: str
    mac: str
    where: Where
    safety: Safety = Safety.RISKY
    may_lose: str = "Somebody unplugged it, perhaps to keep this guest from the network."

    def _argv(self, state: str) -> tuple[str, ...]:
        words = ("virsh", "-c", "qemu:///system", "domif-setlink", self.domain, self.mac, state)
        return (*words, "--config") if self.where == "config" else words

    def describe(self) -> str:
        when = "from its next start" if self.where == "config" else "now"
        return f"plug the cable of NIC {self.mac} of {self.domain} in, {when}"

    def argv(self) -> tuple[str, ...]:
        return self._argv("up")

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.domains, Missing):
            return Assumed(f"the link of NIC {self.mac} of {self.domain} is up")
        return msgspec.structs.replace(host, domains=tuple(map(self._changed, host.domains)))

    def _changed(self, domain: Domain) -> Domain:
        if domain.name != self.domain:
            return domain
        field = "defined_nics" if self.where == "config" and domain.running else "nics"
        nics = (
            msgspec.structs.replace(nic, link_up=True) if nic.mac == self.mac else nic for nic in getattr(domain, field)
        )
        return msgspec.structs.replace(domain, **{field: tuple(nics)})

    def undo(self, host: Host) -> Undo:
        argv = self._argv("down")
        if isinstance(host.domains, Missing):
            return Nothing("the guest could not be read when the plan was made")
        if self._changed_any(host.domains):
            return Inverse(f"unplug NIC {self.mac} of {self.domain} again", argv, Run(argv))
        return Nothing(f"the link of NIC {self.mac} of {self.domain} was up already")

    def _changed_any(self, domains: tuple[Domain, ...]) -> bool:
        return any(self._changed(domain) != domain for domain in domains)

    def request(self) -> Request:
        if self.where == "live":
            return Run(self.argv())
        up = EditDefinition("domain", self.domain, interface_of(self.mac), "link", (("state", "up"),))
        return Run(self.argv(), writes=up)
