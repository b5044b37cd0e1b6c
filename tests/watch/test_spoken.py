"""What is printed waits for no reader: real pipes that nobody reads, that are read late, and whose reader has gone."""

import os
import threading
import time
from collections.abc import Iterator

import pytest

from pxedoctor.watch.spoken import Spoken

_LINE = b"x" * 1023 + b"\n"
# pipe(7): a pipe holds so much before its writer waits.
_PIPE = 64 * 1024


class Pipe:
    def __init__(self, most: int = 1024 * 1024) -> None:
        self.complaints: list[str] = []
        self.read, self.write = os.pipe()
        notice = "{} unsaid\n".format
        self.spoken = Spoken(self.write, lambda count: notice(count).encode(), self.complaints.append, most)

    def fill(self) -> None:
        os.write(self.write, _LINE * (_PIPE // len(_LINE)))

    def lines(self, count: int) -> list[bytes]:
        """Byte by byte: a reader with a buffer would take the lines after them along, and lose them."""
        with open(os.dup(self.read), "rb", buffering=0) as file:
            return [file.readline() for _ in range(count)]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe(most=8 * 1024)
    yield made
    os.close(made.read)


def until(true: object) -> None:
    deadline = time.monotonic() + 20
    while not true() and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.01)


def test_texts_come_out_in_their_order_and_none_is_missing(pipe: Pipe) -> None:
    for number in range(200):
        pipe.spoken.say(f"{number}\n".encode())
    assert pipe.spoken.close() == 0
    assert pipe.lines(200) == [f"{number}\n".encode() for number in range(200)]
    assert pipe.spoken.dropped == 0


def test_nobody_reads_nobody_waits_and_what_was_left_unsaid_is_told_when_somebody_does(pipe: Pipe) -> None:
    pipe.fill()
    started = time.monotonic()
    for _ in range(200):
        pipe.spoken.say(_LINE)
    assert time.monotonic() - started < 5
    # Eight wait, and one may be in the writer's hands.
    dropped = pipe.spoken.dropped
    assert dropped in {191, 192}
    printed = _PIPE // 1024 + 200 - dropped
    assert pipe.lines(printed) == [_LINE] * printed
    # Nothing more is said, and yet it is told.
    assert pipe.lines(1) == [b"%d unsaid\n" % dropped]
    pipe.spoken.say(b"after\n")
    assert pipe.lines(1) == [b"after\n"]
    assert pipe.spoken.dropped == dropped
    assert pipe.complaints == []


def test_every_text_is_printed_or_counted_with_a_reader_that_is_slow() -> None:
    pipe = Pipe(most=4 * 1024)
    read: list[bytes] = []

    def slowly() -> None:
        with open(pipe.read, "rb") as file:
            for line in file:
                read.append(line)
                time.sleep(0.0005)

    reader = threading.Thread(target=slowly)
    reader.start()
    for number in range(2000):
        pipe.spoken.say(b"%04d" % number + _LINE)
        time.sleep(0.0001)
    pipe.spoken.close(60)
    os.close(pipe.write)
    reader.join()
    numbers = [int(line[:4]) for line in read if b"unsaid" not in line]
    unsaid = sum(int(line.split()[0]) for line in read if b"unsaid" in line)
    assert numbers == sorted(set(numbers))
    assert unsaid == pipe.spoken.dropped > 0
    assert len(numbers) + unsaid == 2000
    # A gap in the numbers has its word, at its place.
    next_number = 0
    for line in read:
        assert b"unsaid" in line or int(line[:4]) == next_number
        next_number += int(line.split()[0]) if b"unsaid" in line else 1
    assert next_number == 2000


def test_it_ends_beside_a_pipe_that_is_full_and_says_how_much_is_left(pipe: Pipe) -> None:
    pipe.fill()
    for _ in range(6):
        pipe.spoken.say(_LINE)
    started = time.monotonic()
    left = pipe.spoken.close(0.2)
    assert 0.2 <= time.monotonic() - started < 5
    assert left == 6


def test_a_reader_that_has_gone_is_complained_of_once(pipe: Pipe) -> None:
    kept = pipe.read
    pipe.read = os.open("/dev/null", os.O_RDONLY)
    os.close(kept)
    pipe.spoken.say(b"one\n")
    until(lambda: pipe.complaints)
    pipe.spoken.say(b"two\n")
    assert pipe.spoken.close() == 2
    assert len(pipe.complaints) == 1
    assert "Broken pipe" in pipe.complaints[0]


def test_the_text_in_the_writer_s_hands_is_no_longer_among_those_that_wait(pipe: Pipe) -> None:
    """A single text that is larger than all that may wait is printed all the same."""
    large = b"y" * 100_000 + b"\n"
    pipe.spoken.say(large)
    assert pipe.lines(1) == [large]
    assert pipe.spoken.close() == 0
