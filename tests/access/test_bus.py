"""Whoever says he is the system bus and is not: an error, in time, and never half an answer."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from jeepney.bus_messages import message_bus

from pxedoctor.access.bus import Bus

_WELCOME = b"OK 1234deadbeef\r\n"


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[socket.socket]:
    """A socket that listens at `bus`."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "bus"))
        listening.listen(1)
        yield listening


def answering(listening: socket.socket, *answers: bytes) -> threading.Thread:
    """Takes one caller, gives one answer to each thing that he says, and hangs up when he does."""

    def serve() -> None:
        line, _ = listening.accept()
        with line:
            for answer in answers:
                line.recv(4096)
                line.sendall(answer)
            while line.recv(4096):
                pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


def test_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Bus(1.0, str(tmp_path / "bus"))


def test_one_that_lets_nobody_in(tmp_path: Path, stranger: socket.socket) -> None:
    serving = answering(stranger, b"REJECTED EXTERNAL\r\n")
    with pytest.raises(OSError, match="does not let us in"):
        Bus(1.0, str(tmp_path / "bus"))
    serving.join()


def test_one_that_answers_nonsense(tmp_path: Path, stranger: socket.socket) -> None:
    serving = answering(stranger, _WELCOME, b"this is no D-Bus at all, and long enough to be looked at" * 9)
    with pytest.raises(ConnectionError):
        Bus(1.0, str(tmp_path / "bus"))
    serving.join()


def test_one_that_is_silent(tmp_path: Path, stranger: socket.socket) -> None:
    with pytest.raises(TimeoutError):
        Bus(0.2, str(tmp_path / "bus"))


def test_its_calls_start_nobody() -> None:
    assert message_bus.Hello().header.flags == 0, "jeepney's own calls would: the flag is set when they are sent"
