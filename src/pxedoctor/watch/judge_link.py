"""The keeper's end of the line to its judge."""

import subprocess
import sys
from typing import IO

import msgspec

from pxedoctor.watch.question import Judgement, Question

_ENDS_SECONDS = 60.0


class JudgeError(Exception):
    """The judge ended, or said what nobody understands."""


class JudgeLink:
    """One judge, one question at a time."""

    def __init__(self) -> None:
        argv = [sys.executable, "-m", "pxedoctor.watch.judge"]
        # Ctrl-C is the keeper's: a group of its own, for the terminal tells all of one.
        self._judge = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0)
        self._number = 0

    @property
    def pid(self) -> int:
        return self._judge.pid

    def fileno(self) -> int:
        return self._out.fileno()

    def ask(self, question: Question) -> None:
        """Raises JudgeError where the judge has ended."""
        self._number += 1
        line = msgspec.json.encode(msgspec.structs.replace(question, number=self._number)) + b"\n"
        try:
            self._in.write(line)
            self._in.flush()
        except BrokenPipeError as error:
            raise JudgeError("the judge has ended") from error

    def answer(self) -> Judgement:
        """Waits for it. Raises JudgeError."""
        line = self._out.readline()
        try:
            return msgspec.json.decode(line, type=Judgement)
        except msgspec.DecodeError as error:
            raise JudgeError(f"the judge has ended with {self._judge.poll()}") from error

    def end(self, at_once: bool) -> None:
        """A repair that is under way is taken back or done; then it ends. `at_once`: it only looks."""
        self._in.close()
        if at_once:
            self._judge.terminate()
        try:
            self._judge.wait(_ENDS_SECONDS)
        except subprocess.TimeoutExpired:
            self._judge.kill()
            self._judge.wait()
        self._out.close()

    @property
    def _in(self) -> IO[bytes]:
        if self._judge.stdin is None:
            raise JudgeError("the judge has no input")
        return self._judge.stdin

    @property
    def _out(self) -> IO[bytes]:
        if self._judge.stdout is None:
            raise JudgeError("the judge has no output")
        return self._judge.stdout
