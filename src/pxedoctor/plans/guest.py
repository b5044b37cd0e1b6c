"""Steps on a guest's definition."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Domain, Nic
from pxedoctor.plans.request import EditDefinition, Request, taking_back
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
        before = defined_nic(host, self.domain, self.mac)
        if isinstance(before, Nothing):
            return before
        request = taking_back(self._edit(before.driver or None), self._edit(self.driver))
        return Inverse(f"driver of NIC {self.mac} of {self.domain} as before", self.argv(), request)

    def request(self) -> Request:
        return self._edit(self.driver)

    def _edit(self, driver: str | None) -> EditDefinition:
        return EditDefinition("domain", self.domain, interface_of(self.mac), "driver", (("name", driver),))


class SetNicMtu(msgspec.Struct, frozen=True, kw_only=True):
    """<mtu size> in a NIC's definition: what its tap gets at the guest's next full start, in bytes."""

    domain: str
    mac: str
    mtu: int
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"<mtu size='{self.mtu}'/> on NIC {self.mac} of {self.domain}, from its next full start"

    def argv(self) -> tuple[str, ...]:
        return ("virsh", "-c", "qemu:///system", "edit", self.domain)

    def simulate(self, host: Host) -> Host | Assumed:
        """A guest that runs keeps the tap that it has."""
        if isinstance(host.domains, Missing):
            return Assumed(f"{self.domain} is defined with an MTU of {self.mtu}")
        return msgspec.structs.replace(host, domains=tuple(map(self._changed, host.domains)))

    def _changed(self, domain: Domain) -> Domain:
        if domain.name != self.domain:
            return domain
        field = "defined_nics" if domain.running else "nics"
        nics = (
            msgspec.structs.replace(nic, mtu=self.mtu) if nic.mac == self.mac else nic for nic in getattr(domain, field)
        )
        return msgspec.structs.replace(domain, **{field: tuple(nics)})

    def undo(self, host: Host) -> Undo:
        before = defined_nic(host, self.domain, self.mac)
        if isinstance(before, Nothing):
            return before
        request = taking_back(self._edit(before.mtu), self._edit(self.mtu))
        return Inverse(f"MTU of NIC {self.mac} of {self.domain} as before", self.argv(), request)

    def request(self) -> Request:
        return self._edit(self.mtu)

    def _edit(self, mtu: int | None) -> EditDefinition:
        size = None if mtu is None else str(mtu)
        return EditDefinition("domain", self.domain, interface_of(self.mac), "mtu", (("size", size),))


class AddToBootOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A NIC as the last device that a guest's firmware tries.

    `place`: its number, where the guest's devices have numbers; None: `<boot dev='network'/>` behind the others in
    <os>. libvirt takes one of the two forms, never both (formatdomain.html, "boot order").
    """

    domain: str
    mac: str
    place: int | None
    safety: Safety = Safety.RISKY
    may_lose: str = "A guest whose disk does not boot one day takes what the network offers then, an installer, too."

    def describe(self) -> str:
        how = f"<boot order='{self.place}'/> on NIC {self.mac}" if self.place else "<boot dev='network'/> as the last"
        return f"{how} of {self.domain}: it is asked where nothing before it boots, from its next full start"

    def argv(self) -> tuple[str, ...]:
        return ("virsh", "-c", "qemu:///system", "edit", self.domain)

    def simulate(self, host: Host) -> Host | Assumed:
        """A guest that runs keeps the order that it was started with."""
        running = not isinstance(host.domains, Missing) and any(
            entry.name == self.domain and entry.running for entry in host.domains
        )
        if isinstance(host.domains, Missing) or running:
            return Assumed(f"{self.domain} tries the network last after a full shutdown and start")
        return msgspec.structs.replace(host, domains=tuple(map(self._changed, host.domains)))

    def _changed(self, domain: Domain) -> Domain:
        if domain.name != self.domain:
            return domain
        if self.place is None:
            boot = tuple(dict.fromkeys((*domain.boot, "network")))
            return msgspec.structs.replace(domain, boot=boot)
        nics = (
            msgspec.structs.replace(nic, boot_order=self.place) if nic.mac == self.mac else nic for nic in domain.nics
        )
        return msgspec.structs.replace(domain, nics=tuple(nics))

    def undo(self, host: Host) -> Undo:
        before = defined_nic(host, self.domain, self.mac)
        if isinstance(before, Nothing):
            return before
        request = taking_back(self._edit(present=False), self._edit(present=True))
        return Inverse(f"boot order of {self.domain} as before", self.argv(), request)

    def request(self) -> Request:
        return self._edit(present=True)

    def _edit(self, present: bool) -> EditDefinition:
        if self.place is None:
            child, attribute, value = "boot[@dev='network']", "dev", "network"
            select = "/domain/os"
        else:
            child, attribute, value = "boot", "order", str(self.place)
            select = interface_of(self.mac)
        return EditDefinition("domain", self.domain, select, child, ((attribute, value if present else None),))


def next_start(domain: Domain) -> str:
    """Plan.pending of a change that holds from a guest's next full start; "" for one that is off."""
    return f"a full shutdown and start of {domain.name}" if domain.running else ""


def interface_of(mac: str) -> str:
    """The XPath of a NIC in its guest's definition."""
    return f"/domain/devices/interface[mac/@address='{mac}']"


def defined_nic(host: Host, domain: str, mac: str) -> Nic | Nothing:
    """The NIC as its definition had it when the plan was made."""
    if isinstance(host.domains, Missing):
        return Nothing("the guest's definition could not be read when the plan was made")
    named = (entry for entry in host.domains if entry.name == domain)
    nics = [nic for entry in named for nic in (entry.defined_nics or entry.nics) if nic.mac == mac]
    if len(nics) != 1:
        return Nothing(f"{domain} had {len(nics)} NICs {mac} in its definition when the plan was made")
    return nics[0]
