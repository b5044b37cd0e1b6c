"""What the service manager is told, on a socket as systemd opens it (sd_notify(3))."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pxedoctor.watch.service_manager import ServiceManager


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(path))
        line.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        monkeypatch.setenv("WATCHDOG_USEC", "30000000")
        monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
        yield line


def heard(line: socket.socket) -> list[str]:
    words = []
    while True:
        try:
            words += line.recv(4096).decode().split("\n")
        except BlockingIOError:
            return words


def test_it_is_told_that_the_keeper_listens_lives_and_ends(manager: socket.socket) -> None:
    service = ServiceManager(pytest.fail)
    service.ready("listening")
    assert heard(manager) == ["READY=1", "STATUS=listening"]

    service.alive(100.0, "listening")
    service.alive(101.0, "listening")
    assert heard(manager) == ["WATCHDOG=1"], "a third of the time that systemd waits is soon enough"
    service.alive(110.0, "broken: 1")
    assert heard(manager) == ["STATUS=broken: 1", "WATCHDOG=1"]

    service.stopping()
    assert heard(manager)[0] == "STOPPING=1"


def test_the_watchdog_of_another_process_is_not_ours(manager: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_PID", "1")
    service = ServiceManager(pytest.fail)
    service.alive(100.0, "")
    assert service.every is None
    assert heard(manager) == []


def test_nobody_asked_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    ServiceManager(pytest.fail).ready("listening")


def test_a_manager_that_is_gone_is_complained_of_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    said: list[str] = []
    service = ServiceManager(said.append)
    service.ready("listening")
    service.stopping()
    assert len(said) == 1
