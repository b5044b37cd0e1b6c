"""One sandboxed host: run programs in it, write its files, ask the doctor about it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from pxedoctor.lab.entrance import entering
from pxedoctor.lab.standby import Standby

_DOCTOR = "pxedoctor.__main__"
_FORK_SECONDS = 120.0


class SiteError(Exception):
    """A program that the site needs failed; the message holds its words."""


class Site(msgspec.Struct, frozen=True):
    """`pid` is the site's first process, seen from this machine; `tag` makes device names unique.

    `standby` runs the doctor and light guests in the site (`fork`). `patience`: how many times longer than in a
    namespace things may take here, as under emulation.
    """

    tag: str
    pid: int
    standby: Standby
    patience: float = 1.0

    @property
    def bridge(self) -> str:
        """The name of the site's guest bridge."""
        return f"vb{self.tag}"

    @property
    def is_machine(self) -> bool:
        """A whole machine, whose daemons are its init's: that would not know of one started beside it."""
        return self.pid == 1

    def device(self, kind: str) -> str:
        """A device name of this site, e.g. device("sw") -> swa1f3."""
        return f"{kind}{self.tag}"

    def command(self, *argv: str) -> list[str]:
        return [*entering(self.pid), *argv]

    def ask(self, *argv: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Runs a program in the site to its end, whatever its exit status."""
        return subprocess.run(
            self.command(*argv),
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds * self.patience,
            cwd="/",
            errors="backslashreplace",
        )

    def run(self, *argv: str) -> str:
        """As `ask`, but anything but exit status 0 is a SiteError."""
        done = self.ask(*argv)
        if done.returncode != 0:
            words = (done.stderr or done.stdout).strip()
            raise SiteError(f"{' '.join(argv)} ended with {done.returncode}: {words}")
        return done.stdout

    def start(self, *argv: str) -> subprocess.Popen[str]:
        """Starts a program in the site and leaves it running; it ends with the site at the latest."""
        return subprocess.Popen(
            self.command(*argv), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def path(self, path: str) -> Path:
        """Where a file of the site is seen from this machine."""
        return Path(f"/proc/{self.pid}/root{path}")

    def exists(self, path: str) -> bool:
        return self.path(path).exists()

    def write(self, path: str, text: str) -> None:
        target = self.path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def fork(self, module: str, *words: str) -> "subprocess.CompletedProcess[str]":
        """Runs `python -m MODULE WORDS` in the site, in a fork of the standby."""
        return self.standby.run(module, *words, beside=self.pid, seconds=_FORK_SECONDS * self.patience)

    def doctor(self, *words: str) -> "Told":
        """Runs the real command in the site, with --json, in a fork of the standby."""
        return _told(words, self.fork(_DOCTOR, *words, "--json"))

    def doctor_from_its_start(self, *words: str) -> "Told":
        """As `doctor`, as a person starts it: by a Python that has nothing imported."""
        return _told(words, self.ask(sys.executable, "-m", "pxedoctor", *words, "--json"))

    def snapshot(self, path: str) -> None:
        """Takes a snapshot of the site into a file of the site."""
        done = self.fork(_DOCTOR, "snapshot", "-o", path)
        if done.returncode != 0:
            raise SiteError(f"pxedoctor snapshot ended with {done.returncode}: {done.stderr}")


def _told(words: tuple[str, ...], done: "subprocess.CompletedProcess[str]") -> "Told":
    try:
        document = json.loads(done.stdout)
    except ValueError as error:
        raise SiteError(f"pxedoctor {' '.join(words)} printed no JSON: {done.stdout}{done.stderr}") from error
    return Told(exit_code=done.returncode, document=document)


class Told(msgspec.Struct, frozen=True):
    """What the doctor said: its exit status and its JSON."""

    exit_code: int
    document: dict[str, Any]

    def names(self) -> tuple[str, ...]:
        return tuple(finding["name"] for finding in self.document.get("findings", ()))

    def broken(self) -> tuple[str, ...]:
        found = self.document.get("findings", ())
        return tuple(finding["name"] for finding in found if finding["severity"] == "broken")

    def undos(self, name: str) -> tuple[str, ...]:
        """How each step of the plans for this cause would be taken back, in words."""
        found = self.document.get("findings", ())
        plans = [finding["plan"] for finding in found if finding["name"] == name and finding["plan"] is not None]
        return tuple(step["undo"] for plan in plans for step in plan["steps"])
