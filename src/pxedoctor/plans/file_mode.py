"""The step on a boot file's permissions: everybody on this host may read it, or pass the folder that it is in."""

import msgspec

from pxedoctor.model.boot_file import BootFile, Entry
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.request import ChangeMode, Request
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Undo

_READ, _PASS = 4, 1


class LetOthersIn(msgspec.Struct, frozen=True, kw_only=True):
    """chmod o+r of a file, o+x of a folder. What a TFTP server serves, everybody on the network may read anyway."""

    entry: Entry
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    @property
    def _is_folder(self) -> bool:
        return self.entry.kind == "folder"

    def describe(self) -> str:
        what = "pass the folder" if self._is_folder else "read the file"
        return f"let everybody on this host {what} {self.entry.path}"

    def argv(self) -> tuple[str, ...]:
        return ("chmod", "o+x" if self._is_folder else "o+r", "--", self.entry.path)

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.boot_files, Missing):
            return Assumed(f"everybody may read {self.entry.path}")
        files = tuple(self._opened(file) for file in host.boot_files)
        return msgspec.structs.replace(host, boot_files=files)

    @property
    def _mode(self) -> int:
        return self.entry.mode | (_PASS if self._is_folder else _READ)

    def _opened(self, file: BootFile) -> BootFile:
        same = {self.entry.path, *({file.path} if file.real == self.entry.path else ())}
        entries = (
            msgspec.structs.replace(entry, mode=self._mode) if entry.path in same else entry for entry in file.entries
        )
        return msgspec.structs.replace(file, entries=tuple(entries))

    def undo(self, host: Host) -> Undo:
        argv = ("chmod", f"{self.entry.mode:04o}", "--", self.entry.path)
        back = ChangeMode(self.entry.path, self.entry.mode, self._mode)
        return Inverse(f"mode {self.entry.mode:04o} of {self.entry.path} again", argv, back)

    def request(self) -> Request:
        return ChangeMode(self.entry.path, self._mode, self.entry.mode)
