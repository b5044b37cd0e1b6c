"""Steps on a guest's definition."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.request import EditDefinition, Request
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo


class SetNicDriver(msgspec.Struct, frozen=True, kw_only=True):
    """<driver name='qemu'/> in a NIC's definition: QEMU itself, not vhost, carries its packets and fills the sums.

    Holds only after a full shutdown and start of the guest.
    """

    domain: str
    mac: str
    driver: str = "qemu"
    safety: Safety = Safety.RISKY
    may_lose: str = "Some network throughput of this guest: vhost-net is no longer used."

    def describe(self) -> str:
        return f"<driver name='{self.driver}'/> on NIC {self.mac} of {self.domain}, from its next full start"

    def argv(self) -> tuple[str, ...]:
        return ("virsh", "-c", "qemu:///system", "edit", self.domain)

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.domains, Missing):
            return Assumed(f"{self.domain} is defined with driver {self.driver}")
        return Assumed(f"{self.domain} runs with driver {self.driver} after a full shutdown and start")

    def undo(self, host: Host) -> Undo:
        if isinstance(host.domains, Missing):
            return Nothing("the guest's definition could not be read when the plan was made")
        domains = (domain for domain in host.domains if domain.name == self.domain)
        nics = [nic for domain in domains for nic in (domain.defined_nics or domain.nics) if nic.mac == self.mac]
        if len(nics) != 1:
            return Nothing(f"{self.domain} had {len(nics)} NICs {self.mac} in its definition when the plan was made")
        before = nics[0].driver
        return Inverse(f"driver of NIC {self.mac} of {self.domain} as before", self.argv(), self._edit(before or None))

    def request(self) -> Request:
        return self._edit(self.driver)

    def _edit(self, driver: str | None) -> EditDefinition:
        select = f"/domain/devices/interface[mac/@address='{self.mac}']"
        return EditDefinition("domain", self.domain, select, "driver", (("name", driver),))
