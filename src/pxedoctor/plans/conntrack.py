"""The step on connection tracking: room for more connections."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.request import Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo

MAX = "net/netfilter/nf_conntrack_max"
# struct nf_conn with its extensions, and its two entries in the hash (nf_conntrack_core.c).
_BYTES_EACH = 400


class SetConntrackMax(msgspec.Struct, frozen=True, kw_only=True):
    """net.netfilter.nf_conntrack_max, live; the whole kernel's, with all its namespaces."""

    most: int
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def _argv(self, value: int | str) -> tuple[str, ...]:
        return ("sysctl", "-w", f"net.netfilter.nf_conntrack_max={value}")

    def describe(self) -> str:
        megabytes = max(1, self.most * _BYTES_EACH // 1_000_000)
        return f"let the kernel track {self.most} connections (up to {megabytes} MB)"

    def argv(self) -> tuple[str, ...]:
        return self._argv(self.most)

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.sysctls, Missing):
            return Assumed(f"net.netfilter.nf_conntrack_max is {self.most}")
        return msgspec.structs.replace(host, sysctls=host.sysctls | {MAX: str(self.most)})

    def undo(self, host: Host) -> Undo:
        before = None if isinstance(host.sysctls, Missing) else host.sysctls.get(MAX)
        if before is None:
            return Nothing("the limit could not be read when the plan was made")
        argv = self._argv(before)
        return Inverse(f"let the kernel track {before} connections again", argv, Run(argv))

    def request(self) -> Request:
        return Run(self.argv())
