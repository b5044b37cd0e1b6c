"""The step on a file's SELinux label: the one that the policy's own list of files has for it (restorecon(8))."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.label import Label
from pxedoctor.plans.request import Relabel, Request
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo


class RestoreLabel(msgspec.Struct, frozen=True, kw_only=True):
    """restorecon of one file. `label`: what `restorecon -n` said that it would set, and no other is set."""

    path: str
    label: str
    before: str
    may_lose: str
    safety: Safety = Safety.RISKY

    def describe(self) -> str:
        return f"give {self.path} the label that the policy has for it: {self.label}"

    def argv(self) -> tuple[str, ...]:
        return ("restorecon", "-v", "--", self.path)

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.labels, Missing):
            return Assumed(f"{self.path} has the label {self.label}")
        return msgspec.structs.replace(host, labels=tuple(map(self._relabelled, host.labels)))

    def _relabelled(self, entry: Label) -> Label:
        return msgspec.structs.replace(entry, now=self.label) if entry.path == self.path else entry

    def undo(self, host: Host) -> Undo:
        if self.before == self.label:
            return Nothing("it had that label already")
        back = Relabel(self.path, self.before, self.label)
        return Inverse(f"the label {self.before} of {self.path} again", ("chcon", self.before, "--", self.path), back)

    def request(self) -> Request:
        return Relabel(self.path, self.label, self.before)
