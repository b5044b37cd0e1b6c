"""Steps on services: restart or reload of libvirt's daemons, and how safe each is, wherever it is done.

A reload, and a restart of either daemon, takes the rules of one network after the other away and writes them anew
(bridge_driver.c, networkReloadFirewallRules). What meets that moment is asked again by whoever sent it, and a
connection that stands goes on: that is no loss, and its length is measured (docs/benchmarks.md). Guests, taps and
dnsmasqs outlive both (KillMode=process in libvirt's units); an open `virsh console` closes with libvirtd, and can be
opened again. So they are SAFE, but for one: a restart of the monolithic libvirtd while it does a job for a guest (a
migration, a backup, a block job), which breaks off. It is RISKY, too, where pxedoctor cannot tell whether there is one;
and at the moment of acting it is refused while there is one (apply.busy).
"""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.request import Request, Service, ServiceAction
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Nothing, Undo

_MONOLITHIC = "libvirtd"


class ControlService(msgspec.Struct, frozen=True, kw_only=True):
    """Restart or reload one daemon; see `reload_of` and `restart_of` for how safe that is."""

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


def reload_of(daemon: str, afterwards: str) -> ControlService:
    """A reload of one of libvirt's daemons."""
    return ControlService(name=daemon, action="reload", afterwards=afterwards)


def restart_of(host: Host, daemon: str, afterwards: str) -> ControlService:
    """A restart of one of libvirt's daemons."""
    lost = _breaks_off(host, daemon)
    safety = Safety.RISKY if lost else Safety.SAFE
    return ControlService(name=daemon, action="restart", afterwards=afterwards, safety=safety, may_lose=lost)


def _breaks_off(host: Host, daemon: str) -> str:
    """In one sentence; "" for nothing. Who owns networks alone does nothing for guests, and nor does a sleeper."""
    known = () if isinstance(host.libvirt, Missing) else host.libvirt.daemons
    if daemon != _MONOLITHIC or any(entry.name == daemon and entry.asleep for entry in known):
        return ""
    if isinstance(host.domains, Missing):
        return f"A migration or another job of a guest, if one runs: {host.domains.why}."
    busy = [f"{domain.name} ({domain.job})" for domain in host.domains if domain.job]
    return f"libvirtd breaks off what it does for {', '.join(busy)}." if busy else ""
