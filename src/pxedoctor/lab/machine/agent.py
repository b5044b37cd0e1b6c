"""Commands and files of a machine, over the channel that its qemu-guest-agent listens on.

The agent's own protocol (qemu docs/interop/qemu-ga-ref): a JSON object a line, answered by one. After each connection a
guest-sync-delimited with a number that nobody else sent tells where the old conversation ends: its answer comes after
a byte 0xFF, which no JSON holds.
"""

import base64
import json
import secrets
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pxedoctor.lab.ground.error import GroundError

_DELIMITER = b"\xff"
_PIECE = 1 << 16
_FILE_PIECE = 1 << 20
# The agent tells of a program's end when asked: between two questions.
_POLL_SECONDS = (0.01, 0.25)
_ANSWER_SECONDS = 60.0


class Agent:
    """One conversation with one machine's agent. `socket_path` is QEMU's end of the channel."""

    def __init__(self, socket_path: Path) -> None:
        self._socket_path = socket_path
        self._channel: socket.socket | None = None
        self._heard = b""

    def greet(self, seconds: float) -> bool:
        """Whether the agent answers within `seconds`; what it was asked before is forgotten."""
        self.close()
        deadline = time.monotonic() + seconds
        number = secrets.randbelow(1 << 31)
        self._channel = socket.socket(socket.AF_UNIX)
        self._channel.connect(str(self._socket_path))
        wish = {"execute": "guest-sync-delimited", "arguments": {"id": number}}
        self._channel.sendall(_DELIMITER + json.dumps(wish).encode() + b"\n")
        try:
            while json.loads(self._line(deadline, after=_DELIMITER)).get("return") != number:
                pass
        except (TimeoutError, ValueError):
            return False
        return True

    def run(self, argv: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str]:
        """As subprocess.run, captured. Raises TimeoutExpired after it has ended the program."""
        wish = {"path": argv[0], "arg": list(argv[1:]), "capture-output": True}
        pid = self._ask("guest-exec", wish)["pid"]
        deadline = time.monotonic() + seconds
        pause = _POLL_SECONDS[0]
        while not (told := self._ask("guest-exec-status", {"pid": pid}))["exited"]:
            if time.monotonic() > deadline:
                self._ask("guest-exec", {"path": "kill", "arg": ["-KILL", str(pid)]})
                raise subprocess.TimeoutExpired(list(argv), seconds)
            time.sleep(pause)
            pause = min(pause * 1.5, _POLL_SECONDS[1])
        status = told["exitcode"] if "exitcode" in told else -told.get("signal", 0)
        return subprocess.CompletedProcess(list(argv), status, _text(told, "out-data"), _text(told, "err-data"))

    def write(self, path: str, content: bytes) -> None:
        handle = self._ask("guest-file-open", {"path": path, "mode": "w"})
        for start in range(0, len(content), _FILE_PIECE):
            piece = base64.b64encode(content[start : start + _FILE_PIECE]).decode()
            self._ask("guest-file-write", {"handle": handle, "buf-b64": piece})
        self._ask("guest-file-close", {"handle": handle})

    def read(self, path: str) -> bytes:
        handle = self._ask("guest-file-open", {"path": path, "mode": "r"})
        pieces: list[bytes] = []
        while (told := self._ask("guest-file-read", {"handle": handle, "count": _FILE_PIECE}))["count"]:
            pieces.append(base64.b64decode(told["buf-b64"]))
        self._ask("guest-file-close", {"handle": handle})
        return b"".join(pieces)

    def close(self) -> None:
        if self._channel is not None:
            self._channel.close()
        self._channel, self._heard = None, b""

    def _ask(self, what: str, words: dict[str, Any]) -> Any:
        if self._channel is None:
            raise GroundError("the machine's agent was not greeted", "report it")
        self._channel.sendall(json.dumps({"execute": what, "arguments": words}).encode() + b"\n")
        try:
            told = json.loads(self._line(time.monotonic() + _ANSWER_SECONDS))
        except TimeoutError as error:
            raise GroundError(
                f"the machine's agent did not answer {what} in {_ANSWER_SECONDS:.0f} s", "see its console"
            ) from error
        if "error" in told:
            raise GroundError(f"the machine's agent refused {what} {words}: {told['error'].get('desc')}", "report it")
        return told["return"]

    def _line(self, deadline: float, after: bytes = b"") -> bytes:
        """The next line; what stands before the last `after` in it is an older conversation."""
        if self._channel is None:
            raise TimeoutError
        while b"\n" not in self._heard:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._channel.settimeout(left)
            piece = self._channel.recv(_PIECE)
            if not piece:
                raise TimeoutError
            self._heard += piece
        line, self._heard = self._heard.split(b"\n", 1)
        return line.rpartition(after)[2] if after else line


def _text(told: dict[str, Any], field: str) -> str:
    return base64.b64decode(told.get(field, "")).decode(errors="backslashreplace")
