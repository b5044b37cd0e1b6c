"""Namespaces of a thread's own: what one thread enters, the others stay out of."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pxedoctor.probe import unshared

pytestmark = pytest.mark.lab


def in_a_thread(work: Callable[[], None]) -> None:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def network_of(thread: int) -> str:
    return os.readlink(f"/proc/self/task/{thread}/ns/net")


def test_a_network_namespace_is_the_threads_alone() -> None:
    mine = network_of(threading.get_native_id())
    found: list[str] = []

    def work() -> None:
        unshared.unshare(unshared.NETWORK)
        found.append(network_of(threading.get_native_id()))
        descriptor = os.open(f"/proc/{os.getpid()}/task/{os.getpid()}/ns/net", os.O_RDONLY)
        try:
            unshared.enter_network(descriptor, "the first thread's")
        finally:
            os.close(descriptor)
        found.append(network_of(threading.get_native_id()))

    in_a_thread(work)
    assert found[0] != mine
    assert found[1] == mine == network_of(threading.get_native_id())


def test_a_mount_is_seen_by_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("")

    def work() -> None:
        unshared.unshare(unshared.MOUNTS)
        unshared.mount("tmpfs", str(tmp_path), "size=64k,mode=755")
        assert list(tmp_path.iterdir()) == []

    in_a_thread(work)
    assert [entry.name for entry in tmp_path.iterdir()] == ["theirs"]


def test_what_cannot_be_done_is_told() -> None:
    with pytest.raises(OSError, match="cannot enter the network namespace nowhere: "), open(os.devnull) as file:
        unshared.enter_network(file.fileno(), "nowhere")
