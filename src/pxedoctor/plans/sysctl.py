"""A setting of the kernel's that a file below /proc/sys holds, live."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.request import Reading, Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo


class SetSysctl(msgspec.Struct, frozen=True, kw_only=True):
    """One setting of the kernel's, live. `name` with slashes: a device's name may have dots. `what`: it in words.

    `stays`: why it is not taken back, where what the plan's other steps leave behind would make that harmful.
    """

    name: str
    value: str
    what: str
    safety: Safety
    may_lose: str = ""
    stays: str = ""

    def _argv(self, value: str) -> tuple[str, ...]:
        return ("sysctl", "-w", f"{self.name}={value}")

    def describe(self) -> str:
        return self.what

    def argv(self) -> tuple[str, ...]:
        return self._argv(self.value)

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.sysctls, Missing):
            return Assumed(f"{self.name} is {self.value}")
        return msgspec.structs.replace(host, sysctls=host.sysctls | {self.name: self.value})

    def undo(self, host: Host) -> Undo:
        before = None if isinstance(host.sysctls, Missing) else host.sysctls.get(self.name)
        if before is None:
            return Nothing(f"{self.name} could not be read when the plan was made")
        if before == self.value:
            return Nothing(f"{self.name} was {before} already")
        if self.stays:
            return Nothing(self.stays)
        argv = self._argv(before)
        held = Reading(f"/proc/sys/{self.name}", self.value, done=before, what=self.name)
        return Inverse(f"{self.name} is {before} again", argv, Run(argv, holds=(held,)))

    def request(self) -> Request:
        return Run(self.argv())
