"""What nf_tables says of a transaction."""

import struct

from pxedoctor.watch.nft_message import Change, Generation, parse


def attribute(kind: int, content: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(content), kind) + content + bytes(-len(content) % 4)


def message(kind: int, body: bytes) -> bytes:
    whole = struct.pack("!BBH", 0, 0, 0) + body
    return struct.pack("=IHHII", 16 + len(whole), 10 << 8 | kind, 0, 0, 0) + whole


DONE = message(
    15, attribute(1, struct.pack("!I", 49)) + attribute(2, struct.pack("!I", 26262)) + attribute(3, b"iptables\0")
)


def test_a_transaction_ends_with_its_maker() -> None:
    assert parse(message(6, b"") + DONE) == (Change(), Generation(number=49, pid=26262, name="iptables"))


def test_what_breaks_off_is_left_out() -> None:
    assert all(parse(DONE[:size]) == () for size in range(len(DONE)))


def test_a_message_of_another_subsystem_is_none_of_ours() -> None:
    assert parse(struct.pack("=IHHII", 20, 1 << 8, 0, 0, 0) + bytes(4)) == ()
