"""What nf_tables says of a traced packet, as bytes of netlink; the kernel itself speaks in tests/lab/test_trace.py."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.access.netlink_socket import written
from pxedoctor.trace.rule_message import parse

MARK = bytes.fromhex("fc436d91")
HEADERS = (bytes(6) + bytes.fromhex("5254000d0d01") + b"\x08\x00", b"\x45" + bytes(19), bytes(20))


def number(value: int) -> bytes:
    return struct.pack("!I", value)


def message(*attributes: tuple[int, bytes], family: int = 2) -> bytes:
    body = bytes((family, 0, 0, 0)) + b"".join(written(kind, content) for kind, content in attributes)
    return struct.pack("=IHHII", 16 + len(body), 10 << 8 | 17, 0, 0, 0) + body


def told(kind: int, verdict: int, *more: tuple[int, bytes]) -> bytes:
    own = ((1, b"filter\0"), (2, b"INPUT\0"), (4, number(kind)), (6, MARK))
    return message(*own, (5, written(1, number(verdict))), *more)


def names(index: int) -> str:
    return f"dev{index}"


def test_a_rule_and_the_headers_that_it_met() -> None:
    more = ((3, struct.pack("!Q", 3)), (10, number(7)), (7, HEADERS[0]), (8, HEADERS[1]), (9, HEADERS[2]))
    found = parse(told(3, 0, *more), 1.5, names)[0]
    assert (found.family, found.table, found.chain, found.handle) == ("ip", "filter", "INPUT", 3)
    assert (found.kind, found.verdict, found.at) == ("rule", "drop", 1.5)
    assert (found.mark, found.in_device, found.source_mac) == (0xFC436D91, "dev7", "52:54:00:0d:0d:01")
    assert len(found.packet) == 40


def test_a_policy_has_its_own_verdict() -> None:
    body = message((1, b"filter\0"), (2, b"INPUT\0"), (4, number(1)), (6, MARK), (16, number(0)))
    found = parse(body, 0.0, names)[0]
    assert (found.kind, found.verdict, found.handle) == ("policy", "drop", None)


def test_a_jump_says_where_to() -> None:
    inner = written(1, number(0xFFFFFFFD)) + written(2, b"LIBVIRT_INP\0")
    body = message((1, b"filter\0"), (2, b"INPUT\0"), (4, number(3)), (6, MARK), (5, inner))
    found = parse(body, 0.0, names)[0]
    assert (found.verdict, found.jump) == ("jump", "LIBVIRT_INP")


def test_other_messages_and_broken_ones_are_left_out() -> None:
    other = struct.pack("=IHHII", 20, 10 << 8 | 6, 0, 0, 0) + bytes(4)
    assert parse(other, 0.0, names) == ()
    assert parse(told(3, 0)[:-3], 0.0, names) == ()


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_harm(content: bytes) -> None:
    parse(content, 0.0, names)
    parse(message((5, content), (6, MARK), (4, number(3))), 0.0, names)
