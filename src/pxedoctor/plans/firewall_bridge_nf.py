"""The switch by which br_netfilter sends bridged frames through the host's ip rules (net.bridge.bridge-nf-call-*)."""

import re
from typing import Literal

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.request import Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo

Which = Literal["iptables", "ip6tables", "arptables"]

# Who rests on bridged frames passing the ip rules: a sign in a listing, and what they lose.
_RESTING: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\blibvirt-(?:host-)?in\b"), "the IP rules of guests' nwfilters"),
    (re.compile(r"\bPVEFW-"), "Proxmox VE's firewall of guests"),
    (re.compile(r"\b(?:KUBE-|cali-|CILIUM_)"), "services and network policies of Kubernetes"),
    (re.compile(r"\bDOCKER\b"), "Docker's --icc=false, and published ports between containers of one bridge"),
    (re.compile(r"\bneutron-"), "security groups of OpenStack"),
)


class SetBridgeNfCall(msgspec.Struct, frozen=True, kw_only=True):
    """One of the three global switches, live. What one bridge asks for by itself (its nf_call_iptables) stays."""

    which: Which
    on: bool
    safety: Safety = Safety.RISKY
    may_lose: str = "Filters of bridged frames in the host's ip rules, where somebody rests on them."

    @property
    def _key(self) -> str:
        return f"net/bridge/bridge-nf-call-{self.which}"

    def _argv(self, value: str) -> tuple[str, ...]:
        return ("sysctl", "-w", f"net.bridge.bridge-nf-call-{self.which}={value}")

    def describe(self) -> str:
        return f"bridged frames {'pass' if self.on else 'no longer pass'} this host's rules of {self.which}"

    def argv(self) -> tuple[str, ...]:
        return self._argv("1" if self.on else "0")

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.sysctls, Missing) or self._key not in host.sysctls:
            return Assumed(f"{self._key.replace('/', '.')} is {int(self.on)}")
        return msgspec.structs.replace(host, sysctls=host.sysctls | {self._key: str(int(self.on))})

    def undo(self, host: Host) -> Undo:
        before = None if isinstance(host.sysctls, Missing) else host.sysctls.get(self._key)
        if before is None:
            return Nothing("the switch could not be read when the plan was made")
        if before == str(int(self.on)):
            return Nothing(f"it was {before} already")
        argv = self._argv(before)
        return Inverse(f"{self._key.replace('/', '.')} back to {before}", argv, Run(argv))

    def request(self) -> Request:
        return Run(self.argv())


def bridge_nf_call_off(host: Host, which: Which) -> SetBridgeNfCall:
    """The switch turned off, with the names of those on this host who rest on it."""
    listings = () if isinstance(host.netfilter, Missing) else host.netfilter.listings
    lost = [words for sign, words in _RESTING if any(sign.search(listing.text) for listing in listings)]
    step = SetBridgeNfCall(which=which, on=False)
    if not lost:
        return step
    return msgspec.structs.replace(step, may_lose=f"On this host that ends: {'; '.join(lost)}.")


def stays_off(which: Which) -> str:
    """How the switch stays off: the module's loading sets it to 1, later than sysctl.conf is read."""
    return (
        f"That switch for good: net.bridge.bridge-nf-call-{which} = 0 in /etc/sysctl.d, applied by a udev rule when "
        "br_netfilter is loaded (sysctl.d(5)); at boot alone comes too early."
    )
