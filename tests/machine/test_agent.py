"""The conversation with a machine's agent, from the other end of its channel."""

import base64
import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pxedoctor.lab.ground.error import GroundError
from pxedoctor.lab.machine.agent import Agent

Answer = Callable[[dict[str, Any]], bytes]


def speaks(path: Path, answer: Answer) -> None:
    """One connection, each line answered."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen(1)

    def serve() -> None:
        channel = listening.accept()[0]
        for line in channel.makefile("rb"):
            channel.sendall(answer(json.loads(line.lstrip(b"\xff"))))

    threading.Thread(target=serve, daemon=True).start()


def told(value: Any) -> bytes:
    return json.dumps({"return": value}).encode() + b"\n"


def test_an_older_conversation_is_forgotten(tmp_path: Path) -> None:
    def answer(asked: dict[str, Any]) -> bytes:
        return told({"pid": 7}) + b'{"ret\xff' + told(asked["arguments"]["id"])

    speaks(tmp_path / "agent", answer)
    assert Agent(tmp_path / "agent").greet(5)


def test_a_machine_that_is_not_up_yet_does_not_answer(tmp_path: Path) -> None:
    speaks(tmp_path / "agent", lambda _: b"")
    assert not Agent(tmp_path / "agent").greet(0.2)


def test_a_program_runs_to_its_end(tmp_path: Path) -> None:
    asked_for_its_end = iter((False, False, True))

    def answer(asked: dict[str, Any]) -> bytes:
        if asked["execute"] == "guest-exec":
            return told({"pid": 41})
        if asked["execute"] == "guest-exec-status":
            if next(asked_for_its_end):
                words = base64.b64encode(b"no such device\n").decode()
                return told({"exited": True, "exitcode": 2, "err-data": words})
            return told({"exited": False})
        return b"\xff" + told(asked["arguments"]["id"])

    speaks(tmp_path / "agent", answer)
    agent = Agent(tmp_path / "agent")
    agent.greet(5)
    done = agent.run(["ip", "link", "del", "br9"], 5)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "no such device\n")


def test_what_the_agent_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    def answer(asked: dict[str, Any]) -> bytes:
        if asked["execute"] == "guest-file-open":
            return json.dumps({"error": {"desc": "failed to open file '/x': No such file"}}).encode() + b"\n"
        return b"\xff" + told(asked["arguments"]["id"])

    speaks(tmp_path / "agent", answer)
    agent = Agent(tmp_path / "agent")
    agent.greet(5)
    with pytest.raises(GroundError, match="No such file"):
        agent.read("/x")
