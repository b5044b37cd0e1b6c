"""One running machine: programs are run in it, its files written, it is rebooted for real, and it ends."""

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from pxedoctor.lab.ground.error import GroundError
from pxedoctor.lab.machine.agent import Agent
from pxedoctor.lab.machine.emulator import Emulator, Hardware

# A boot takes a minute of an emulator's time, and an emulator may have a quarter of a core.
BOOT_SECONDS = 600.0
_GREETING_SECONDS = 2.0


class Machine:
    """`open_machine` makes one. Every wait has an end, and the console is shown where it passes."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self._agent = Agent(emulator.agent_socket)

    def await_agent(self, seconds: float) -> None:
        """GroundError with the console where the machine never comes up."""
        deadline = time.monotonic() + seconds
        while self.emulator.runs:
            with contextlib.suppress(OSError):
                if self._agent.greet(min(_GREETING_SECONDS, seconds)):
                    return
            if time.monotonic() > deadline:
                raise GroundError(
                    f"the machine did not come up in {seconds:.0f} s. {self.last_words()}", "see its console"
                )
        raise GroundError(f"QEMU ended while the machine came up. {self.last_words()}", "see its console")

    def ask(self, *argv: str, seconds: float = 300) -> subprocess.CompletedProcess[str]:
        """Runs a program to its end, whatever its exit status. GroundError where the machine hangs."""
        try:
            # env looks the program up as a shell would.
            return self._agent.run(["/usr/bin/env", *argv], seconds)
        except OSError as error:
            raise GroundError(
                f"the machine went away during {' '.join(argv)}. {self.last_words()}", "report it"
            ) from error

    def run(self, *argv: str, seconds: float = 300) -> str:
        """As `ask`, but anything but exit status 0 is a GroundError with its words."""
        done = self.ask(*argv, seconds=seconds)
        if done.returncode != 0:
            words = f"{done.stdout}{done.stderr}".strip()
            raise GroundError(f"in the machine: {' '.join(argv)} ended with {done.returncode}: {words}", "report it")
        return done.stdout

    def write(self, path: str, content: str | bytes) -> None:
        self._agent.write(path, content.encode() if isinstance(content, str) else content)

    def read(self, path: str) -> bytes:
        return self._agent.read(path)

    def reboot(self, seconds: float = BOOT_SECONDS) -> None:
        """A real one: init stops everything, the kernel starts anew; returns when the agent answers again."""
        before = self.read("/proc/sys/kernel/random/boot_id")
        self.run("sync")
        # The agent may be gone before it can tell that the word was taken.
        with contextlib.suppress(GroundError, subprocess.TimeoutExpired):
            self.ask("systemctl", "start", "reboot.target", "--job-mode=replace-irreversibly", "--no-block")
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(GroundError, OSError):
                self.await_agent(_GREETING_SECONDS)
                if self.read("/proc/sys/kernel/random/boot_id") != before:
                    return
            if not self.emulator.runs:
                break
            time.sleep(_GREETING_SECONDS)
        raise GroundError(f"the machine did not come back from its reboot. {self.last_words()}", "see its console")

    def set_clock(self) -> None:
        """A machine that was frozen believes that no time has passed."""
        self.run("date", "--set", f"@{time.time():.0f}")

    def freeze(self, state: Path) -> None:
        self._agent.close()
        self.emulator.freeze(state)

    def end(self) -> None:
        self._agent.close()
        self.emulator.end()

    def last_words(self) -> str:
        return f"Its console's last lines:\n{self.emulator.console() or '(it wrote nothing)'}"


@contextlib.contextmanager
def open_machine(hardware: Hardware, state: Path | None = None, seconds: float = BOOT_SECONDS) -> Iterator[Machine]:
    """Booted, or thawed from `state`, and answering; it ends with the block, whatever happens."""
    machine = Machine(Emulator(hardware, state))
    try:
        machine.await_agent(seconds)
        yield machine
    finally:
        machine.end()
