"""The process connector's datagrams, as linux 6.18 sent them."""

import struct

from pxedoctor.watch.proc_message import Executed, Exited, Forked, Renamed, parse, subscription

# A shell forked 6948, which became another program; 6940 ended. Taken off the connector.
HEAD = struct.pack("=IHHII", 76, 3, 0, 0, 0) + struct.pack("=IIIIHH", 1, 1, 7, 0, 40, 0)


def datagram(what: int, *words: int, tail: bytes = b"") -> bytes:
    return HEAD + struct.pack("=IIQ", what, 1, 12904392798232) + struct.pack(f"={len(words)}i", *words) + tail


def test_a_fork_names_the_child_and_its_parent() -> None:
    assert parse(datagram(0x1, 6937, 6803, 6948, 6948)) == Forked(pid=6948, parent=6803)


def test_a_thread_is_no_new_process() -> None:
    assert parse(datagram(0x1, 6803, 6803, 6950, 6803)) is None
    assert parse(datagram(0x80000000, 6950, 6803, 0, 17)) is None


def test_exec_exit_and_a_new_name() -> None:
    assert parse(datagram(0x2, 6948, 6948, 0, 0)) == Executed(6948)
    assert parse(datagram(0x80000000, 6940, 6940, 0, 17)) == Exited(6940)
    assert parse(datagram(0x200, 6948, 6948, tail=b"ufw\0garbage\0\0\0\0\0")) == Renamed(6948, "ufw")


def test_a_hostile_name_is_bytes_like_any_other() -> None:
    assert parse(datagram(0x200, 9, 9, tail=b"\x1b[31m\xff" + bytes(10))) == Renamed(9, "\x1b[31m\\xff")


def test_what_breaks_off_and_what_is_no_event_is_none() -> None:
    whole = datagram(0x1, 6937, 6803, 6948, 6948)
    assert all(parse(whole[:size]) is None for size in range(len(whole)))
    assert parse(datagram(0x0, 0, 0, 0, 0)) is None


def test_the_subscription_is_as_long_as_it_says() -> None:
    asked = subscription(4711)
    assert struct.unpack_from("=I", asked)[0] == len(asked)
