"""The executor, with real programs in a journal of its own: what was done is taken back, and the states are true."""

import os
import signal
from pathlib import Path

import msgspec
import pytest

from builders import bridge, host
from pxedoctor.apply.executor import perform, recorded, take_back
from pxedoctor.apply.interrupt import put_off
from pxedoctor.journal.store import Journal, JournalError
from pxedoctor.model.bridge import Stp
from pxedoctor.plans.bridge import ForwardPort, SetForwardDelay
from pxedoctor.plans.plan import Plan
from pxedoctor.plans.record import JOURNAL_VERSION, Entry, Recorded
from pxedoctor.plans.request import Run
from pxedoctor.plans.step import Inverse, Nothing


class Bench:
    """A folder in which steps leave marks, one after the other, in a file."""

    def __init__(self, folder: Path) -> None:
        self.marks = folder / "marks"
        self.journal = Journal(folder / "journal")

    def mark(self, word: str) -> Run:
        return Run(("sh", "-c", 'echo "$0" >> "$1"', word, str(self.marks)))

    def step(self, word: str, undo: Inverse | Nothing | None = None, do: Run | None = None) -> Recorded:
        back = self.mark(f"-{word}")
        return Recorded(
            describe=word, argv=("x",), request=do or self.mark(word), undo=undo or Inverse(word, back.argv, back)
        )

    def entry(self, *steps: Recorded) -> Entry:
        return Entry(version=JOURNAL_VERSION, id="e", started="s", finding="f", headline="h", steps=steps)

    def done(self) -> list[str]:
        return self.marks.read_text().split() if self.marks.exists() else []

    def states(self) -> list[str]:
        """As the journal on disk tells them."""
        return [step.state for step in self.journal.read("e").steps]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


FAILS = Run(("sh", "-c", "echo the reason >&2; exit 3"))
NOT_THERE = Run(("no-such-program-here",))


def test_all_goes_well(bench: Bench) -> None:
    entry = perform(bench.entry(bench.step("a"), bench.step("b")), bench.journal)
    assert bench.done() == ["a", "b"]
    assert bench.states() == [step.state for step in entry.steps] == ["done", "done"]


@pytest.mark.parametrize("failing", [FAILS, NOT_THERE], ids=["fails", "is not there"])
def test_a_failure_takes_back_what_was_done_last_first(bench: Bench, failing: Run) -> None:
    steps = (bench.step("a"), bench.step("b"), bench.step("c", do=failing), bench.step("d"))
    entry = perform(bench.entry(*steps), bench.journal)
    assert bench.done() == ["a", "b", "-b", "-a"]
    assert bench.states() == ["undone", "undone", "failed", "planned"]
    assert entry.steps[2].why


def test_a_failure_is_told_in_the_programs_own_words(bench: Bench) -> None:
    entry = perform(bench.entry(bench.step("a", do=FAILS)), bench.journal)
    assert entry.steps[0].why == "sh ended with 3: the reason"


def test_what_is_to_be_said_of_a_step_that_is_done_is_in_the_journal(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pxedoctor.apply.executor.grant", lambda request: f"nobody judged {request.argv[-2]}")
    perform(bench.entry(bench.step("a"), bench.step("b")), bench.journal)
    assert [(step.state, step.why) for step in bench.journal.read("e").steps] == [
        ("done", "nobody judged a"),
        ("done", "nobody judged b"),
    ]


def test_a_step_without_a_way_back_says_so(bench: Bench) -> None:
    steps = (bench.step("a", undo=Nothing("a restart has none")), bench.step("b", do=FAILS))
    entry = perform(bench.entry(*steps), bench.journal)
    assert bench.states() == ["nothing-to-undo", "failed"]
    assert entry.steps[0].why == "a restart has none"


def test_a_way_back_that_fails_is_told_and_the_others_are_gone(bench: Bench) -> None:
    steps = (bench.step("a"), bench.step("b", undo=Inverse("b", FAILS.argv, FAILS)), bench.step("c", do=FAILS))
    entry = perform(bench.entry(*steps), bench.journal)
    assert bench.done() == ["a", "b", "-a"]
    assert bench.states() == ["undone", "undo-failed", "failed"]
    assert "the reason" in entry.steps[1].why


def test_what_a_way_back_leaves_is_told(bench: Bench) -> None:
    back = bench.mark("-a")
    step = bench.step("a", Inverse("a", back.argv, back, leaves="chains that nothing leads to"))
    (undone,) = take_back(perform(bench.entry(step), bench.journal), bench.journal).steps
    assert (undone.state, undone.why) == ("undone", "chains that nothing leads to")


def test_a_way_back_that_failed_is_tried_again(bench: Bench) -> None:
    steps = (msgspec.structs.replace(bench.step("a"), state="undo-failed"),)
    take_back(bench.entry(*steps), bench.journal)
    assert bench.states() == ["undone"]


def test_a_step_in_whose_middle_pxedoctor_ended_is_taken_back(bench: Bench) -> None:
    steps = (msgspec.structs.replace(bench.step("a"), state="doing"), bench.step("b"))
    take_back(bench.entry(*steps), bench.journal)
    assert bench.done() == ["-a"]
    assert bench.states() == ["undone", "planned"]


def test_taking_back_twice_is_taking_back_once(bench: Bench) -> None:
    entry = perform(bench.entry(bench.step("a")), bench.journal)
    once = take_back(entry, bench.journal)
    assert take_back(once, bench.journal) == once
    assert bench.done() == ["a", "-a"]


def test_each_step_is_on_disk_before_it_is_done(bench: Bench) -> None:
    """The step itself looks at the journal: it must find itself there, with its way back."""
    path = bench.journal.folder / "e.json"
    looks = Run(("grep", "-q", '"state": "doing"', str(path)))
    perform(bench.entry(bench.step("a", do=looks)), bench.journal)
    assert bench.states() == ["done"]


class FullDisk(Journal):
    """A journal of which the disk takes only so many writes."""

    def __init__(self, folder: Path, room: int) -> None:
        super().__init__(folder)
        self.room = room

    def write(self, entry: Entry) -> None:
        self.room -= 1
        if self.room < 0:
            raise JournalError("the journal cannot be written: No space left on device", "make room there, and be root")
        super().write(entry)


@pytest.mark.parametrize(
    ("room", "done"),
    [
        (0, []),
        (1, []),
        (2, ["a", "-a"]),
        (3, ["a", "-a"]),
        (4, ["a", "b", "-b", "-a"]),
    ],
)
def test_a_disk_that_fills_up_under_the_journal(bench: Bench, room: int, done: list[str]) -> None:
    """Nothing is done that is not written down; and what was done is taken back all the same."""
    journal = FullDisk(bench.journal.folder, room)
    with pytest.raises(JournalError, match="No space left") as told:
        perform(bench.entry(bench.step("a"), bench.step("b")), journal)
    assert bench.done() == done
    assert ("taken back" in told.value.message) is (room > 0)


def test_what_cannot_be_taken_back_without_a_journal_is_named(bench: Bench) -> None:
    steps = (bench.step("a", undo=Nothing("a restart has none")), bench.step("b"))
    with pytest.raises(JournalError, match=r"this stands: .*a restart has none"):
        perform(bench.entry(*steps), FullDisk(bench.journal.folder, 3))


def test_a_wish_to_stop_lets_the_step_end_and_takes_it_back(bench: Bench) -> None:
    """The step sends Ctrl-C, twice, to who does it, and goes on: nobody cuts it off."""
    presses = Run(
        ("sh", "-c", f'kill -INT {os.getpid()}; kill -HUP {os.getpid()}; echo "$0" >> "$1"', "b", str(bench.marks))
    )
    with put_off() as wants_to_stop:
        perform(
            bench.entry(bench.step("a"), bench.step("b", do=presses), bench.step("c")), bench.journal, wants_to_stop
        )
        assert wants_to_stop()
    assert bench.done() == ["a", "b", "-b", "-a"]
    assert bench.states() == ["undone", "undone", "planned"]


def test_signals_mean_afterwards_what_they_meant_before() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with put_off() as wants_to_stop:
        assert not wants_to_stop()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_a_bridge_that_is_in_use_is_not_taken_away(bench: Bench) -> None:
    """`only_if_no_ports` asks the host itself; no device of this name is a bridge here, so nothing is plugged in."""
    back = bench.mark("-a")
    step = bench.step("a", undo=Inverse("a", back.argv, back, only_if_no_ports="no-such-bridge"))
    take_back(perform(bench.entry(step), bench.journal), bench.journal)
    assert bench.states() == ["undone"]


def test_what_is_recorded_of_a_plan() -> None:
    before = host(bridges=(bridge(stp=Stp.KERNEL),))
    plan = Plan(
        steps=(SetForwardDelay(bridge="br0", seconds=2), ForwardPort(bridge="br0", port="vnet0")), pending="wait"
    )
    entry = recorded("id", "now", "BR001:br0", "headline", plan, before)
    assert [step.state for step in entry.steps] == ["planned", "planned"]
    assert isinstance(entry.steps[0].undo, Inverse)
    assert entry.steps[0].undo.argv[-1] == "1500"
    assert isinstance(entry.steps[1].undo, Nothing)
    assert entry.pending == "wait"
