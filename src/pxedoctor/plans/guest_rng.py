"""The step that gives a guest random numbers."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Domain
from pxedoctor.plans.request import EditDefinition, Request, taking_back
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo

_SOURCE = "<backend model='random'>/dev/urandom</backend>"


class AddRng(msgspec.Struct, frozen=True, kw_only=True):
    """A virtio-rng device in a guest's definition, fed by this host's /dev/urandom: there at its next full start."""

    domain: str
    safety: Safety = Safety.RISKY
    may_lose: str = "The system in the guest finds a device that it did not have, and may ask for a driver."

    def describe(self) -> str:
        return f"<rng model='virtio'> for {self.domain}, from its next full start"

    def argv(self) -> tuple[str, ...]:
        return ("virt-xml", self.domain, "--add-device", "--rng", "/dev/urandom")

    def simulate(self, host: Host) -> Host | Assumed:
        """A guest that runs keeps the devices that it was started with."""
        if isinstance(host.domains, Missing) or any(
            entry.name == self.domain and entry.running for entry in host.domains
        ):
            return Assumed(f"{self.domain} has a virtio-rng device after a full shutdown and start")
        return msgspec.structs.replace(host, domains=tuple(map(self._changed, host.domains)))

    def _changed(self, domain: Domain) -> Domain:
        return msgspec.structs.replace(domain, rng=True) if domain.name == self.domain else domain

    def undo(self, host: Host) -> Undo:
        before = () if isinstance(host.domains, Missing) else host.domains
        if not any(entry.name == self.domain and not entry.rng for entry in before):
            return Nothing(f"whether {self.domain} had one already could not be read when the plan was made")
        argv = ("virt-xml", self.domain, "--remove-device", "--rng", "all")
        leaves = f"where libvirt made a port for it, that <controller> stays: virsh edit {self.domain}"
        request = taking_back(self._edit(None), self._edit("virtio"))
        return Inverse(f"take the virtio-rng device of {self.domain} away again", argv, request, leaves=leaves)

    def request(self) -> Request:
        return self._edit("virtio")

    def _edit(self, model: str | None) -> EditDefinition:
        attributes = (("model", model),)
        return EditDefinition("domain", self.domain, "/domain/devices", "rng", attributes, inside=_SOURCE)
