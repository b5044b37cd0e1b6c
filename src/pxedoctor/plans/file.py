"""The step that makes a change last: in a file that some program reads at the next start, or in a new one."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.firewall_files import FirewallFile
from pxedoctor.model.host import Host
from pxedoctor.plans.hunks import backwards, between
from pxedoctor.plans.owners.owner import FileChange
from pxedoctor.plans.request import EditFile, RemoveFile, Request, WriteFile
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Undo


class ChangeFile(msgspec.Struct, frozen=True, kw_only=True):
    """The same for good, in a file. `words`: what is so then, as a phrase. It holds from the reader's next start."""

    words: str
    change: FileChange
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"for good: {self.words}, in {self.change.place}"

    def argv(self) -> tuple[str, ...]:
        return ("vi", self.change.path)

    def simulate(self, host: Host) -> Host | Assumed:
        """The kernel is as it was: the file decides about nothing before its reader's next start."""
        files = host.firewall_files
        if isinstance(files, Missing) or self.change.before is None:
            return host
        changed = FirewallFile(path=self.change.path, text=self.change.after)
        after = tuple(changed if file.path == changed.path else file for file in files)
        return msgspec.structs.replace(host, firewall_files=after)

    def undo(self, host: Host) -> Undo:
        return inverse_of(self.change, self.argv())

    def request(self) -> Request:
        return request_of(self.change)


def request_of(change: FileChange) -> Request:
    if change.before is None:
        return WriteFile(path=change.path, text=change.after, mode=change.mode, then=change.then)
    return EditFile(path=change.path, hunks=between(change.before, change.after), then=change.then)


def inverse_of(change: FileChange, argv: tuple[str, ...]) -> Inverse:
    """`argv`: how a person edits the file."""
    if change.before is None:
        request = RemoveFile(path=change.path, text=change.after, then=change.then)
        return Inverse(f"remove {change.path} again", ("rm", change.path), request)
    hunks = backwards(between(change.before, change.after))
    edit = EditFile(path=change.path, hunks=hunks, then=change.then, undoing=True)
    return Inverse(f"the lines of {change.path} as they were", argv, edit)
