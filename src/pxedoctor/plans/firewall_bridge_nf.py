"""The switches by which br_netfilter sends bridged frames through the host's ip rules."""

import re
from typing import Literal

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.at_boot import runs_udev, when_loaded
from pxedoctor.plans.file import ChangeFile
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.request import Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo

Which = Literal["iptables", "ip6tables", "arptables"]

# Who rests on bridged frames passing the ip rules, on bridges that it makes as it needs them: a sign in a listing, and
# what would end. To keep the switch of the bridges that are there now on would not be enough.
_RESTING: tuple[tuple[str, str], ...] = (
    (r"\blibvirt-(?:host-)?in\b", "the IP rules of guests' nwfilters"),
    (r"\bPVEFW-", "Proxmox VE's firewall of guests"),
    (r"\b(?:KUBE-|cali-|CILIUM_)", "services and network policies of Kubernetes"),
    (r"\bneutron-", "security groups of OpenStack"),
)
# Docker's --icc=false, and published ports between containers of one bridge: its bridges keep the switch by themselves.
_DOCKERS = r"docker0|docker_gwbridge|br-[0-9a-f]{12}"


class SetBridgeNfCall(msgspec.Struct, frozen=True, kw_only=True):
    """One of the three switches, live: the host's (net.bridge.bridge-nf-call-*), or the one of a single bridge.

    The kernel asks for either (net/bridge/br_netfilter_hooks.c): frames pass the rules while one of the two is on.
    """

    which: Which
    on: bool
    bridge: str = ""
    safety: Safety = Safety.RISKY
    may_lose: str = "Filters of bridged frames in the host's ip rules, where somebody rests on them."

    @property
    def _key(self) -> str:
        return f"net/bridge/bridge-nf-call-{self.which}"

    def _argv(self, value: str) -> tuple[str, ...]:
        if self.bridge:
            return ("ip", "link", "set", "dev", self.bridge, "type", "bridge", f"nf_call_{self.which}", value)
        return ("sysctl", "-w", f"net.bridge.bridge-nf-call-{self.which}={value}")

    def describe(self) -> str:
        which = f"{self.bridge} by itself" if self.bridge else "this host"
        return f"{which} {'sends' if self.on else 'no longer sends'} bridged frames through the rules of {self.which}"

    def argv(self) -> tuple[str, ...]:
        return self._argv("1" if self.on else "0")

    def simulate(self, host: Host) -> Host | Assumed:
        if self.bridge:
            return self._of_bridge(host)
        if isinstance(host.sysctls, Missing) or self._key not in host.sysctls:
            return Assumed(self.describe())
        return msgspec.structs.replace(host, sysctls=host.sysctls | {self._key: str(int(self.on))})

    def _of_bridge(self, host: Host) -> Host | Assumed:
        if isinstance(host.bridges, Missing) or host.bridge(self.bridge) is None:
            return Assumed(self.describe())
        changes: dict[str, object] = {f"nf_call_{self.which}": self.on}
        bridges = tuple(
            msgspec.structs.replace(entry, **changes) if entry.name == self.bridge else entry for entry in host.bridges
        )
        return msgspec.structs.replace(host, bridges=bridges)

    def undo(self, host: Host) -> Undo:
        before = is_on(host, self.which, self.bridge)
        if before is None:
            return Nothing("the switch could not be read when the plan was made")
        if before is self.on:
            return Nothing(f"it was {'on' if before else 'off'} already")
        back = msgspec.structs.replace(self, on=before)
        return Inverse(f"as before: {back.describe()}", back.argv(), Run(back.argv()))

    def request(self) -> Request:
        return Run(self.argv())


def is_on(host: Host, which: Which, bridge: str = "") -> bool | None:
    """The host's switch, or that of one bridge; None where it could not be read."""
    if bridge:
        found = host.bridge(bridge)
        if found is None:
            return None
        by_bridge = {
            "iptables": found.nf_call_iptables,
            "ip6tables": found.nf_call_ip6tables,
            "arptables": found.nf_call_arptables,
        }
        return by_bridge[which]
    value = None if isinstance(host.sysctls, Missing) else host.sysctls.get(f"net/bridge/bridge-nf-call-{which}")
    return None if value is None else value != "0"


def bridge_nf_call_off(host: Host, which: Which, bridge: str) -> tuple[SetBridgeNfCall, ...]:
    """The switches that send this bridge's frames through the rules turned off. Docker's bridges get their own first.

    Where neither can be read, the host's.
    """
    off = [SetBridgeNfCall(which=which, on=False, bridge=name) for name in ("", bridge) if is_on(host, which, name)]
    off = off or [SetBridgeNfCall(which=which, on=False)]
    kept = _kept_on(host, which, bridge) if not off[0].bridge else ()
    return (*kept, *off)


def _kept_on(host: Host, which: Which, bridge: str) -> tuple[SetBridgeNfCall, ...]:
    bridges = () if isinstance(host.bridges, Missing) else host.bridges
    dockers = (b.name for b in bridges if re.fullmatch(_DOCKERS, b.name) and b.name != bridge)
    keep = SetBridgeNfCall(which=which, on=True, safety=Safety.SAFE, may_lose="")
    return tuple(msgspec.structs.replace(keep, bridge=name) for name in dockers if is_on(host, which, name) is False)


def resting(host: Host) -> tuple[str, ...]:
    """What would end on this host without the host's switch, in words."""
    listings = () if isinstance(host.netfilter, Missing) else host.netfilter.listings
    return tuple(words for sign, words in _RESTING if any(re.search(sign, listing.text) for listing in listings))


def switched_off(host: Host, which: Which, bridge: str) -> Plan | NoPlan:
    """No rules of IP for bridged frames, now and for good; none where somebody rests on them."""
    lost = resting(host)
    typed = f"net.bridge.bridge-nf-call-{which} = 0"
    if lost:
        return NoPlan(f"{typed} would end on this host: {'; '.join(lost)}")
    steps = bridge_nf_call_off(host, which, bridge)
    if steps[-1].bridge and not any(not step.bridge for step in steps):
        return Plan(steps=steps)
    again = "Docker turns it on again when it makes a network with --icc=false." if len(steps) > 1 else ""
    ways = (again,) if again else ()
    if runs_udev(host):
        command = ("sysctl", "-q", "-w", f"net.bridge.bridge-nf-call-{which}=0")
        change = when_loaded("br_netfilter", f"bridge-nf-call-{which}", command)
        kept = ChangeFile(words=f"{typed} whenever br_netfilter is loaded", change=change)
        return Plan(steps=(*steps, kept), other_ways=ways)
    return Plan(steps=steps, other_ways=(stays_off(which), *ways))


def stays_off(which: Which) -> str:
    """In words, how the switch stays off."""
    return (
        f"That switch for good: net.bridge.bridge-nf-call-{which} = 0 in /etc/sysctl.d, applied by a udev rule when "
        "br_netfilter is loaded (sysctl.d(5)); at boot alone comes too early."
    )
