"""Steps on services: restart or reload of libvirt's daemons, and how safe each is, wherever it is done.

A reload, and a restart of either daemon, takes the rules of one network after the other away and writes them anew
(bridge_driver.c, networkReloadFirewallRules). A connection that is begun in that moment may fail, and whoever begins it
tries again: that is no loss (docs/benchmarks.md, Repairs). Guests, taps and dnsmasqs outlive both (KillMode=process in
libvirt's units); an open `virsh console` closes with libvirtd, and can be opened again. So both are SAFE, with two
exceptions, which are RISKY:

- guests run behind libvirt's NAT, and no rule but libvirt's tracks connections: for that moment the kernel tracks none,
  takes what comes back for its own, and resets them (seen with libvirt 9.0.0 on Linux 6.18; with one rule more that
  tracks, as every firewall has, they stand). So, too, where the rules could not be read.
- a restart of the monolithic libvirtd while it does a job for a guest (a migration, a backup, a block job), which
  breaks off; or where nobody can tell whether there is one. While there is one it is refused at the moment of acting
  (apply.busy).
"""

import re

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.netfilter.owner import owner_of
from pxedoctor.netfilter.ruleset import understood
from pxedoctor.plans.request import Request, Service, ServiceAction
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Nothing, Undo

_MONOLITHIC = "libvirtd"
_LIBVIRT = "libvirt"
_OF_IP = frozenset({"ip", "inet"})
# What has the kernel track connections as long as the rule is there (nf_ct_netns_get), in iptables' words and in nft's.
_TRACKS = (
    r"--(?:ct)?state\b|-m (?:conntrack|connmark|helper)\b|-j (?:MASQUERADE|[SD]NAT|REDIRECT|CT|CONNMARK)\b"
    r"|\bct [a-z]|\bmasquerade\b|\b[sd]nat\b|\bredirect\b"
)


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


def reload_of(host: Host, daemon: str, afterwards: str) -> ControlService:
    """A reload of one of libvirt's daemons."""
    return _control(daemon, "reload", afterwards, _resets(host))


def restart_of(host: Host, daemon: str, afterwards: str) -> ControlService:
    """A restart of one of libvirt's daemons."""
    lost = (_breaks_off(host, daemon), _resets(host))
    return _control(daemon, "restart", afterwards, " ".join(filter(None, lost)))


def _control(daemon: str, action: ServiceAction, afterwards: str, lost: str) -> ControlService:
    safety = Safety.RISKY if lost else Safety.SAFE
    return ControlService(name=daemon, action=action, afterwards=afterwards, safety=safety, may_lose=lost)


def _resets(host: Host) -> str:
    """In one sentence, whose connections through NAT would be reset; "" for nobody's."""
    networks = () if isinstance(host.networks, Missing) else host.networks
    translated = [network for network in networks if network.active and network.forward == "nat"]
    served = [network.name for network in translated if (found := host.bridge(network.bridge)) and found.ports]
    if not served or _others_track(host):
        return ""
    return f"Connections that guests of {', '.join(served)} have through NAT: no other rule keeps them known meanwhile."


def _others_track(host: Host) -> bool:
    if isinstance(host.netfilter, Missing):
        return False
    rules = (
        text
        for table in understood(host.netfilter).tables
        for chain in table.chains.values()
        if table.family in _OF_IP and owner_of(table.name, chain.name) != _LIBVIRT
        for _, text in chain.written
    )
    return any(re.search(_TRACKS, text) for text in rules)


def _breaks_off(host: Host, daemon: str) -> str:
    """In one sentence; "" for nothing. Who owns networks alone does nothing for guests, and nor does a sleeper."""
    known = () if isinstance(host.libvirt, Missing) else host.libvirt.daemons
    if daemon != _MONOLITHIC or any(entry.name == daemon and entry.asleep for entry in known):
        return ""
    if isinstance(host.domains, Missing):
        return f"A migration or another job of a guest, if one runs: {host.domains.why}."
    busy = [f"{domain.name} ({domain.job})" for domain in host.domains if domain.job]
    return f"libvirtd breaks off what it does for {', '.join(busy)}." if busy else ""
