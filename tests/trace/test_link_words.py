"""What the kernel says of devices outlives them: a port that asked and went is known by it. In its own namespace."""

import struct
import subprocess
import sys

import pytest

from pxedoctor.trace.link_words import LinkWord, parse

NEWLINK, DELLINK = 16, 17
IFNAME, MASTER = 3, 10


def attribute(kind: int, content: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(content), kind) + content + bytes(-len(content) % 4)


def message(kind: int, index: int, *attributes: bytes) -> bytes:
    body = struct.pack("=BxHiII", 0, 1, index, 0, 0) + b"".join(attributes)
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 0, 0) + body


TAP = message(NEWLINK, 7, attribute(IFNAME, b"vnet0\0"), attribute(MASTER, struct.pack("=I", 3)))


def test_a_port_and_a_device_that_is_none() -> None:
    said = TAP + message(NEWLINK, 8, attribute(IFNAME, b"eth0\0"))
    assert parse(said) == (LinkWord(7, "vnet0", 3), LinkWord(8, "eth0", 0))


def test_what_went_has_no_name_to_learn() -> None:
    assert parse(message(DELLINK, 7, attribute(IFNAME, b"vnet0\0"))) == ()


@pytest.mark.parametrize("length", range(len(TAP)))
def test_what_breaks_off_says_nothing(length: int) -> None:
    assert parse(TAP[:length]) == ()


def test_a_master_of_another_size_says_nothing() -> None:
    assert parse(message(NEWLINK, 7, attribute(IFNAME, b"vnet0\0"), attribute(MASTER, b"\3"))) == ()


PROGRAM = """
import socket, subprocess
from pxedoctor.trace.began import began
from pxedoctor.trace.frames import Frames
from pxedoctor.trace.link_words import LinkWords
from pxedoctor.wire.capture_filter import boot_packets
def ip(words): subprocess.run(["ip", *words.split()], check=True)
def guest(name, plugged):
    "It comes, asks, and is gone."
    ip(f"link add {name} type veth peer name nic")
    ip(f"link set {name} {plugged} up"); ip("link set nic up")
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as nic:
        nic.bind(("nic", 0))
        nic.send(bytes.fromhex("ffffffffffff" "5254000d0d01" "0806").ljust(60, b"x"))
    ip(f"link delete dev {name}")
ip("link add br0 type bridge"); ip("link set br0 up")
frames = Frames("br0", boot_packets("52:54:00:0d:0d:01"), began())
words = LinkWords()
assert words.read() is None
guest("vnet0", "master br0")
guest("vnet1", "")
frames.meet(words.read())
assert {seen.device for seen in frames.drain()} == {"vnet0", "br0"}, "and not vnet1, which was no port"
assert frames.lost() == 0
guest("vnet2", "master br0")
assert {seen.device for seen in frames.drain()} == {"br0"}
assert frames.lost() > 0, "without those words nobody can say whose it was"
frames.close(); words.close()
"""


@pytest.mark.lab
def test_a_port_that_asked_and_went_before_anybody_looked_is_known() -> None:
    # Whose port a device is stands in sysfs, which shows the namespace that it was mounted in.
    mounted = ("unshare", "--net", "--mount", "sh", "-c", 'mount -t sysfs none /sys && exec "$@"', "-")
    done = subprocess.run([*mounted, sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
