"""The step by which a dnsmasq of the host's own leaves one device to another server: its own file, and its restart."""

import msgspec

from pxedoctor.model.host import Host
from pxedoctor.plans.hunks import Hunk, backwards
from pxedoctor.plans.request import EditFile, RemoveFile, Request, WriteFile
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Undo


class LeaveRoom(msgspec.Struct, frozen=True, kw_only=True):
    """`lines` into a new file at `path`, or at the top of the one there; then `service` is restarted, and reads it.

    `checked_by`: dnsmasq's own check, which must accept it before. `device`: what is left to the other server; once a
    guest is plugged into it, this is not taken back, because dnsmasq could not start again beside that server.
    """

    server: str
    device: str
    path: str
    new: bool
    lines: tuple[str, ...]
    checked_by: tuple[str, ...]
    service: str
    may_lose: str
    safety: Safety = Safety.RISKY

    def describe(self) -> str:
        options = ", ".join(line for line in self.lines if not line.startswith("#"))
        where = f"a new file {self.path}" if self.new else self.path
        return f"have {self.server} leave {self.device} alone, now and for good: {options} in {where}"

    def argv(self) -> tuple[str, ...]:
        return ("vi", self.path)

    def simulate(self, host: Host) -> Host | Assumed:
        return Assumed(f"{self.server} listens on the addresses of other devices alone")

    def undo(self, host: Host) -> Undo:
        words = f"remove {self.path} again" if self.new else f"the lines of {self.path} as they were"
        argv = ("rm", self.path) if self.new else self.argv()
        return Inverse(f"{words}, and restart {self.service}", argv, self._taken_back(), only_if_no_ports=self.device)

    def request(self) -> Request:
        if self.new:
            return WriteFile(path=self.path, text=self._text, mode=0o644, then=(self.checked_by,), restart=self.service)
        return EditFile(path=self.path, hunks=self._hunks, then=(self.checked_by,), restart=self.service)

    def _taken_back(self) -> Request:
        if self.new:
            return RemoveFile(path=self.path, text=self._text, restart=self.service)
        return EditFile(path=self.path, hunks=backwards(self._hunks), undoing=True, restart=self.service)

    @property
    def _text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)

    @property
    def _hunks(self) -> tuple[Hunk, ...]:
        return (Hunk(line=1, before=(), after=tuple(f"{line}\n" for line in self.lines)),)
