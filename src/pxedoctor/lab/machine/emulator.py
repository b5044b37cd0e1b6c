"""One running QEMU with a Debian kernel: started, asked over QMP, frozen to a file, ended by its process id.

It ends with whoever started it, also when that is killed (PR_SET_PDEATHSIG). Its NICs lead to hubs with nobody on them:
they have a carrier, and nothing of the machine reaches a network.
"""

import contextlib
import json
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from pxedoctor.lab.ground.error import GroundError

_QMP_SECONDS = 120.0
_STARTS_SECONDS = 20.0
# A thaw takes two seconds; on a busy machine, minutes.
_THAWS_SECONDS = 600.0
_PIECE = 1 << 16
_CONSOLE_LINES = 25
_WOULD_HELP = "is there memory and disk enough?"


# Without AVX, which TCG carries out slowly and a C library would use where it sees it.
PLAIN = "Nehalem,+rdrand"
# AMD's virtualization, which TCG carries out, too: Linux has a /dev/kvm in such a machine, and guests of its own.
WITH_KVM = "Opteron_G3,vendor=AuthenticAMD,+svm,+npt,+rdrand"


class Hardware(msgspec.Struct, frozen=True):
    """What a machine is made of.

    `memory`: MiB. `disk`: a qcow2 file that may be written to. `processor`: as -cpu has it.
    """

    kernel: Path
    initrd: Path
    disk: Path
    memory: int
    nics: int = 2
    accelerator: str = "tcg,thread=multi"
    cores: int = 1
    processor: str = PLAIN

    def words(self) -> list[str]:
        machine = ["-nodefaults", "-no-user-config", "-display", "none", "-machine", "pc", "-cpu", self.processor]
        size = ["-accel", self.accelerator, "-smp", str(self.cores), "-m", f"{self.memory}M"]
        boot = ["-kernel", str(self.kernel), "-initrd", str(self.initrd), "-append", _KERNEL_WORDS]
        # unsafe: a disk that is thrown away need not survive a power cut.
        disk = [
            *("-drive", f"file={self.disk},format=qcow2,if=none,id=root,cache=unsafe,discard=unmap"),
            *("-device", "virtio-blk-pci,drive=root"),
        ]
        nics = [word for number in range(self.nics) for word in _nic(number)]
        return [*machine, *size, *boot, *disk, *nics, "-device", "virtio-rng-pci"]


# Debian names NICs by where they sit; eth0 and eth1 are shorter to tell of. tsc=reliable: on a busy machine the kernel
# would find its processor's clock skewed and turn to the HPET, where each look at the clock is the emulator's work.
_KERNEL_WORDS = (
    "root=/dev/vda rw console=ttyS0 net.ifnames=0 panic=-1 mitigations=off systemd.show_status=1 loglevel=5 "
    "tsc=reliable"
)


def _nic(number: int) -> list[str]:
    return [
        *("-netdev", f"hubport,hubid={number},id=nic{number}"),
        *("-device", f"virtio-net-pci,netdev=nic{number},mac=52:54:00:aa:00:{number:02x},romfile="),
    ]


class Emulator:
    """A QEMU process; `folder` holds its sockets and its console, and goes with it."""

    def __init__(self, hardware: Hardware, state: Path | None = None) -> None:
        """`state`: a frozen machine, which goes on where it was frozen; None: a cold boot."""
        self._scratch = tempfile.TemporaryDirectory(prefix="pxedoctor-machine-")
        self.folder = Path(self._scratch.name)
        self.agent_socket = self.folder / "agent"
        incoming = ["-incoming", f"exec:cat {state}"] if state else []
        qemu = ["qemu-system-x86_64", *hardware.words(), *self._channels(), *incoming]
        with (self.folder / "words").open("wb") as words:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *qemu], stdin=subprocess.DEVNULL, stdout=words, stderr=words
            )
        try:
            self._qmp = self._connect(self.folder / "qmp")
            self._answers = self._qmp.makefile("rb")
            self._greet()
            if state:
                self._await("paused", "running")
                self.ask("cont")
        except BaseException:
            self.end()
            raise

    def _greet(self) -> None:
        """Its monitor listens before its memory and its disks are looked at, and it may still end over these."""
        try:
            self._answers.readline()
            self.ask("qmp_capabilities")
        except (OSError, GroundError) as error:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_STARTS_SECONDS)
            raise GroundError(f"QEMU did not start: {self._last_words() or error}", _WOULD_HELP) from error

    def _channels(self) -> list[str]:
        console = ["-serial", f"file:{self.folder}/console"]
        agent = [
            *("-chardev", f"socket,id=agent,path={self.agent_socket},server=on,wait=off"),
            *("-device", "virtio-serial-pci", "-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"),
        ]
        return [*console, *agent, "-qmp", f"unix:{self.folder}/qmp,server=on,wait=off"]

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def console(self) -> str:
        """The last lines of its serial console."""
        try:
            text = (self.folder / "console").read_text(encoding="utf-8", errors="backslashreplace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-_CONSOLE_LINES:])

    def ask(self, what: str, **words: Any) -> Any:
        """One QMP command; GroundError with QEMU's words where it refuses, and where it ended meanwhile."""
        self._qmp.settimeout(_QMP_SECONDS)
        try:
            self._qmp.sendall(json.dumps({"execute": what, "arguments": words}).encode())
            while line := self._answers.readline():
                told = json.loads(line)
                if "return" in told:
                    return told["return"]
                if "error" in told:
                    raise GroundError(f"QEMU refused {what}: {told['error']['desc']}", "report it")
        except OSError as error:
            raise GroundError(f"QEMU did not answer {what}: {error}", "see its console") from error
        raise GroundError(f"QEMU ended while it was asked {what}: {self._last_words()}", "see its console")

    def freeze(self, state: Path) -> None:
        """Stops the machine, writes its state, and ends it: with its disk as it is now it can be thawed."""
        self.ask("stop")
        self.ask("migrate-set-parameters", **{"max-bandwidth": 1 << 34})
        self.ask("migrate", uri=f"exec:cat > {state}")
        deadline = time.monotonic() + _QMP_SECONDS
        while (status := self.ask("query-migrate").get("status")) != "completed":
            if status == "failed" or time.monotonic() > deadline:
                raise GroundError(f"the machine's state was not written to {state}: {status}", "is the disk full?")
            time.sleep(0.05)
        self.ask("quit")
        self._process.wait(_QMP_SECONDS)
        self.end()

    def end(self) -> None:
        """Also where it hangs, and where it has ended already."""
        if self.runs:
            self._process.kill()
        self._process.wait()
        for channel in ("_answers", "_qmp"):
            if hasattr(self, channel):
                getattr(self, channel).close()
        self._scratch.cleanup()

    def _await(self, *states: str) -> None:
        deadline = time.monotonic() + _THAWS_SECONDS
        while (now := self.ask("query-status")["status"]) not in states:
            if time.monotonic() > deadline:
                raise GroundError(
                    f"the frozen machine did not come back in {_THAWS_SECONDS:.0f} s: {now}",
                    "is this machine busy? Where it is not, remove the frozen one from the cache",
                )
            time.sleep(0.02)

    def _connect(self, path: Path) -> socket.socket:
        deadline = time.monotonic() + _STARTS_SECONDS
        channel = socket.socket(socket.AF_UNIX)
        while True:
            try:
                channel.connect(str(path))
                return channel
            except OSError as error:
                if not self.runs or time.monotonic() > deadline:
                    raise GroundError(f"QEMU did not start: {self._last_words() or error}", _WOULD_HELP) from error
                time.sleep(0.02)

    def _last_words(self) -> str:
        return (self.folder / "words").read_text(encoding="utf-8", errors="backslashreplace").strip()
