"""The step that makes a bridge's setting last: in the file where it is configured, in its owner's own words."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile, NetworkFiles
from pxedoctor.plans.file import inverse_of, request_of
from pxedoctor.plans.owners.owner import FileChange
from pxedoctor.plans.request import Request
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Undo


class ConfigureBridge(msgspec.Struct, frozen=True, kw_only=True):
    """`words`: the setting, e.g. "a forward delay of 2 s". Nothing is restarted: it holds from the next start."""

    owner: str
    bridge: str
    words: str
    change: FileChange
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"for good: {self.words} for {self.bridge} in {self.change.place} ({self.owner})"

    def argv(self) -> tuple[str, ...]:
        return ("vi", self.change.path)

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.network_files, Missing):
            return Assumed(f"{self.change.path} sets {self.words} for {self.bridge}")
        changed = NetworkFile(path=self.change.path, text=self.change.after)
        return msgspec.structs.replace(host, network_files=_with(host.network_files, changed))

    def undo(self, host: Host) -> Undo:
        return inverse_of(self.change, self.argv())

    def request(self) -> Request:
        return request_of(self.change)


def _with(files: NetworkFiles, changed: NetworkFile) -> NetworkFiles:
    """In its place, so that doing it and undoing it gives the same files in the same order."""
    if files.at(changed.path) is None:
        return msgspec.structs.replace(files, files=(*files.files, changed))
    return msgspec.structs.replace(
        files, files=tuple(changed if file.path == changed.path else file for file in files.files)
    )
