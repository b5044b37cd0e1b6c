"""The hook and sendmail are handed events in a thread: a slow program makes nobody deaf."""

import time
from pathlib import Path

from pxedoctor.watch.errands import Errands


def script(folder: Path, text: str) -> tuple[str]:
    path = folder / "hook"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return (str(path),)


def test_every_text_reaches_the_program_in_its_order(tmp_path: Path) -> None:
    said: list[str] = []
    errands = Errands(script(tmp_path, f"cat >>{tmp_path}/got"), said.append)
    for number in range(20):
        errands.hand_over(f"{number}\n".encode())
    errands.close()
    assert (tmp_path / "got").read_text().split() == [str(number) for number in range(20)]
    assert said == []


def test_a_slow_program_is_not_waited_for_and_what_it_missed_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    fifo = tmp_path / "go"
    errands = Errands(script(tmp_path, f"cat >>{tmp_path}/got; [ -e {fifo} ] || sleep 1"), said.append, most=2)
    started = time.monotonic()
    for number in range(10):
        errands.hand_over(f"{number}\n".encode())
    assert time.monotonic() - started < 0.5
    assert errands.dropped >= 7, "one is in the program's hands, two wait"
    assert len(said) == 1
    assert "too slow" in said[0]

    fifo.touch()
    deadline = time.monotonic() + 20
    while len(said) == 1 and time.monotonic() < deadline:
        time.sleep(0.05)
        errands.hand_over(b"late\n")
    assert said[1].endswith("events")
    assert "was not given" in said[1]
    errands.close()
    assert "late" in (tmp_path / "got").read_text()


def test_one_that_hangs_is_ended_and_the_next_text_is_handed_over(tmp_path: Path) -> None:
    said: list[str] = []
    text = f"read word; echo $word >>{tmp_path}/got; [ $word != first ] || exec sleep 60"
    errands = Errands(script(tmp_path, text), said.append, seconds=0.3)
    errands.hand_over(b"first\n")
    errands.hand_over(b"second\n")
    errands.close()
    assert (tmp_path / "got").read_text().split() == ["first", "second"]
    assert "timed out" in said[0]


def test_what_cannot_be_run_is_complained_of(tmp_path: Path) -> None:
    said: list[str] = []
    errands = Errands((str(tmp_path / "missing"),), said.append)
    errands.hand_over(b"x")
    errands.close()
    assert "No such file" in said[0]


def test_at_the_end_it_is_waited_for_only_a_while(tmp_path: Path) -> None:
    said: list[str] = []
    errands = Errands(script(tmp_path, "exec sleep 3"), said.append)
    for _ in range(3):
        errands.hand_over(b"x")
    started = time.monotonic()
    errands.close(seconds=0.3)
    assert time.monotonic() - started < 2
    assert "still at work; 2 events" in said[0]
