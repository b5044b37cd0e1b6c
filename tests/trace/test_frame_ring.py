"""Frames through memory that is shared with the kernel, on a pair of devices in a namespace of its own."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.lab

PROGRAM = """
import select, socket, subprocess, time
from pxedoctor.trace.frame_ring import FrameRing
from pxedoctor.wire.capture_filter import boot_packets, only_leaving
def ip(words): subprocess.run(["ip", *words.split()], check=True)
ip("link add v1 type veth peer name p1"); ip("link set v1 up"); ip("link set p1 up")
own, other = "5254000d0d01", "5254000d0d02"
def asks(mac, number, size=60):
    head = bytes.fromhex("ffffffffffff" + mac + "0806")
    return (head + number.to_bytes(4, "big")).ljust(size, b"x")
program = boot_packets("52:54:00:0d:0d:01")
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind(("p1", 0))
all_, leaving = FrameRing(program, 64 * 1024), FrameRing(only_leaving(program), 64 * 1024, "p1")
before = time.time()
link.send(asks(other, 0))
link.send(asks(own, 1))
link.send(asks(own, 2, 1514))
seen = list(all_.frames(100))
p1, v1 = socket.if_nametoindex("p1"), socket.if_nametoindex("v1")
assert [(f.device, f.kind) for f in seen] == [(p1, 4), (v1, 1)] * 2, seen
assert [f.content for f in seen[::2]] == [asks(own, 1), asks(own, 2, 1514)]
assert [f.length for f in seen] == [60, 60, 1514, 1514]
assert all(before - 1 < f.seconds + f.nanoseconds / 1e9 < time.time() + 1 for f in seen)
assert [(f.device, f.kind) for f in leaving.frames(100)] == [(p1, 4)] * 2, "what leaves, and nothing else"
# 32 places: what has none is counted, and the ring goes round.
for number in range(100):
    link.send(asks(own, number))
assert len(list(leaving.frames(20))) == 20
assert len(list(leaving.frames(100))) == 12
assert (leaving.dropped(), leaving.dropped()) == (68, 0)
list(all_.frames(100))
all_.ignore_outgoing(True)
leaving.attach(program)
link.send(asks(own, 1))
assert [f.device for f in all_.frames(100)] == [v1]
# Its device goes: whoever waits is woken once, and not for ever.
list(leaving.frames(100))
waits = select.epoll()
waits.register(leaving, select.EPOLLIN)
ip("link delete dev v1")
assert waits.poll(5)
assert list(leaving.frames(100)) == []
assert waits.poll(0.1) == []
all_.close(); leaving.close()
"""


def test_a_ring_has_what_its_filter_lets_through_and_counts_what_it_had_no_room_for() -> None:
    argv = ["unshare", "--net", sys.executable, "-c", PROGRAM]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
