"""A Python that stands by with the doctor imported, and runs commands in forks of itself.

A case starts pxedoctor some ten times and its light guests four times, and most of what each start costs is importing.
A fork runs the `main` that `python -m MODULE WORDS` would run, with the same words, beside a process of a site: it has
entered that one's namespaces, as nsenter(1) does.

    in, a line each:   {"module": ..., "words": [...], "beside": 0, or a process of a site}
    out, a line each:  {"returncode": ..., "stdout": ..., "stderr": ...}
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import select
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pxedoctor.lab.entrance import enter

_PIECE = 1 << 16


class Standby:
    """It has `modules` imported. Started with the first command; one command at a time."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._argv = [sys.executable, "-m", "pxedoctor.lab.standby", *modules]
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, module: str, *words: str, beside: int, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """As subprocess.run of `python -m MODULE WORDS`, captured, in the namespaces of process `beside` (0: ours).

        TimeoutExpired ends the standby as well. A standby that has ended, whoever ended it, is a command that failed;
        the next command starts another.
        """
        order = json.dumps({"module": module, "words": words, "beside": beside}).encode() + b"\n"
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
        output, errors = os.memfd_create("stdout"), os.memfd_create("stderr")
        status = _forked(partial(_run, json.loads(line), output, errors))
        told = {"returncode": status, "stdout": _written(output), "stderr": _written(errors)}
        print(json.dumps(told), flush=True)


def _forked(work: Callable[[], int]) -> int:
    """The exit status of a child that does this work.

    It ends without taking apart, object by object, what the standby has imported: a third of a short command.
    """
    child = os.fork()
    if child == 0:
        status = work()
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        if status < 0:  # as its own child has ended: by this signal
            os.kill(os.getpid(), -status)
        os._exit(status & 0xFF)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _run(order: dict[str, Any], output: int, errors: int) -> int:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for given, number in ((nothing, 0), (output, 1), (errors, 2)):
        os.dup2(given, number)
        os.close(given)
    if not order["beside"]:
        return _become(order["module"], order["words"])
    enter(order["beside"])
    # Who has entered a pid namespace is not in it; children are (setns(2)).
    return _forked(partial(_become, order["module"], order["words"]))


def _become(module: str, words: list[str]) -> int:
    """Its exit status, as that of `python -m` would be."""
    sys.argv = [module, *words]
    try:
        importlib.import_module(module).main()
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


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
