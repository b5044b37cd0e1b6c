"""Steps on services: restart or reload of libvirt's daemons."""

import msgspec

from pxedoctor.model.host import Host
from pxedoctor.plans.request import Request, Service, ServiceAction
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Nothing, Undo


class ControlService(msgspec.Struct, frozen=True, kw_only=True):
    """Restart or reload one daemon. Guests, taps and dnsmasq outlive it (KillMode=process in libvirt's units)."""

    name: str
    action: ServiceAction
    afterwards: str
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"{self.action} {self.name}: {self.afterwards}"

    def argv(self) -> tuple[str, ...]:
        return ("systemctl", self.action, self.name)

    def simulate(self, host: Host) -> Host | Assumed:
        return Assumed(self.afterwards)

    def undo(self, host: Host) -> Undo:
        return Nothing(f"a {self.action} has no inverse")

    def request(self) -> Request:
        return Service(self.name, self.action)


def restart_of(daemon: str, afterwards: str) -> ControlService:
    """A restart of one of libvirt's daemons. Only the monolithic one also carries what a restart cuts off."""
    if daemon != "libvirtd":
        return ControlService(name=daemon, action="restart", afterwards=afterwards)
    may_lose = "A restart of libvirtd ends running migrations, block jobs and `virsh console` sessions; guests run on."
    return ControlService(name=daemon, action="restart", afterwards=afterwards, safety=Safety.RISKY, may_lose=may_lose)
