"""A Python that stands by with the doctor imported, and runs commands in forks of itself.

A case starts pxedoctor some ten times and its light guests four times, and most of what each start costs is importing.
A fork runs the `main` that `python -m MODULE WORDS` would run, with the same words, in the same namespaces. It is one
process more in its site, there from the first command to the end of the site.

    in, a line each:   {"module": ..., "words": [...]}
    out, a line each:  {"returncode": ..., "stdout": ..., "stderr": ...}
"""

import contextlib
import gc
import importlib
import json
import os
import select
import subprocess
import sys
from collections.abc import Sequence

# What a case runs most. The rest is imported where a command needs it, as ever.
DOCTOR = ("cli.diagnose", "cli.fix", "cli.snapshot", "cli.undo", "diagnose.engine", "netfilter.nft_rule")
IN_SITE = (*(f"pxedoctor.{name}" for name in DOCTOR), "pxedoctor.lab.light_guest")
_PIECE = 1 << 16


class Standby:
    """`enter` is put before the command, e.g. nsenter's words. Started with the first command; one at a time."""

    def __init__(self, enter: Sequence[str], modules: Sequence[str]) -> None:
        self._argv = [*enter, sys.executable, "-m", "pxedoctor.lab.standby", *modules]
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, module: str, *words: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """As subprocess.run of `python -m MODULE WORDS`, captured. TimeoutExpired ends the standby as well.

        A standby that has ended, whoever ended it, is a command that failed; the next command starts another.
        """
        order = json.dumps({"module": module, "words": words}).encode() + b"\n"
        if self._process is None:
            self._process = subprocess.Popen(
                self._argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/"
            )
        if told := self._answer(self._process, order, seconds):
            return subprocess.CompletedProcess([module, *words], **json.loads(told))
        last_words = self.end()
        return subprocess.CompletedProcess([module, *words], 1, stdout="", stderr=f"the standby ended: {last_words}")

    def close(self) -> None:
        self.end()

    def end(self) -> str:
        """Returns what it said of its end."""
        if self._process is None:
            return ""
        self._process.kill()
        last_words = self._process.communicate()[1]
        self._process = None
        return last_words.decode(errors="backslashreplace")

    def _answer(self, process: "subprocess.Popen[bytes]", order: bytes, seconds: float) -> bytes:
        if process.stdin is None or process.stdout is None:
            raise ValueError("it was started with pipes")
        with contextlib.suppress(BrokenPipeError):  # it has ended: nothing can be read either
            process.stdin.write(order)
            process.stdin.flush()
        if not select.select([process.stdout], [], [], seconds)[0]:
            self.end()
            raise subprocess.TimeoutExpired(order.decode(), seconds)
        return process.stdout.readline()


def main() -> None:
    for module in sys.argv[1:]:
        importlib.import_module(module)
    # What is imported stays: a fork need not look through it for cycles, nor copy its pages for that.
    gc.freeze()
    while line := sys.stdin.buffer.readline():
        order = json.loads(line)
        output, errors = os.memfd_create("stdout"), os.memfd_create("stderr")
        child = os.fork()
        if child == 0:
            _become(order["module"], order["words"], output, errors)
            return
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        told = {"returncode": status, "stdout": _written(output), "stderr": _written(errors)}
        print(json.dumps(told), flush=True)


def _become(module: str, words: list[str], output: int, errors: int) -> None:
    """The child. SystemExit goes on to the interpreter, which ends as it would after `python -m`."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for given, number in ((nothing, 0), (output, 1), (errors, 2)):
        os.dup2(given, number)
        os.close(given)
    sys.argv = [module, *words]
    importlib.import_module(module).main()


def _written(handle: int) -> str:
    """Whoever the command left running may write to it still."""
    os.lseek(handle, 0, os.SEEK_SET)
    pieces: list[bytes] = []
    while piece := os.read(handle, _PIECE):
        pieces.append(piece)
    os.close(handle)
    return b"".join(pieces).decode(errors="backslashreplace")


if __name__ == "__main__":
    main()
