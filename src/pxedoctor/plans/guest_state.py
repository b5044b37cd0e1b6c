"""Steps on a guest that runs."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.request import Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Undo

_VIRSH = ("virsh", "-c", "qemu:///system")
# 0 or 1; 2 where libvirt does not say.
_RUNS = 'on=$(LC_ALL=C virsh -c qemu:///system domstate --domain="$1") || exit 2; [ "$on" = running ]'


class ResumeGuest(msgspec.Struct, frozen=True, kw_only=True):
    """Let a paused guest go on where it was stopped. libvirt calls the reason of its running "unpaused" then."""

    domain: str
    safety: Safety = Safety.RISKY
    may_lose: str = "Who paused it may have had a reason: a copy of its disks that is still being made, say."

    def describe(self) -> str:
        return f"resume {self.domain}"

    def argv(self) -> tuple[str, ...]:
        return (*_VIRSH, "resume", f"--domain={self.domain}")

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.domains, Missing):
            return Assumed(f"{self.domain} runs")
        domains = tuple(
            msgspec.structs.replace(domain, state="running", reason="unpaused")
            if domain.name == self.domain
            else domain
            for domain in host.domains
        )
        return msgspec.structs.replace(host, domains=domains)

    def undo(self, host: Host) -> Undo:
        argv = (*_VIRSH, "suspend", f"--domain={self.domain}")
        back = Run(argv, only_if=("sh", "-c", _RUNS, "sh", self.domain))
        return Inverse(f"pause {self.domain} again", argv, back)

    def request(self) -> Request:
        return Run(self.argv())
