"""What the plan was made on is looked at once more before anything is done; where it has moved, nothing is."""

from pathlib import Path

import pytest

from pxedoctor.apply.executor import perform
from pxedoctor.apply.precondition import moved
from pxedoctor.journal.store import Journal
from pxedoctor.plans.record import JOURNAL_VERSION, Entry, Recorded
from pxedoctor.plans.request import EditFile, Reading, Run
from pxedoctor.plans.step import Inverse, Nothing


@pytest.fixture
def delay(tmp_path: Path) -> Path:
    made = tmp_path / "forward_delay"
    made.write_text("1500\n")
    return made


def way_back(delay: Path) -> Inverse:
    """Of a step that sets 200 where 1500 was."""
    held = Reading(str(delay), "200", done="1500", what="forward delay of br0")
    return Inverse("as before", (), Run(("sh", "-c", 'echo 1500 > "$0"', str(delay)), holds=(held,)))


def plan(*steps: Recorded) -> Entry:
    return Entry(version=JOURNAL_VERSION, id="e", started="s", finding="f", headline="h", steps=steps)


def step(request: Run, undo: Inverse | Nothing) -> Recorded:
    return Recorded(describe="x", argv=(), request=request, undo=undo)


@pytest.mark.parametrize("now", ["1500", "200"], ids=["as before", "done already"])
def test_as_it_was_looked_at(delay: Path, now: str) -> None:
    delay.write_text(now)
    assert moved(way_back(delay)) == ""


def test_somebody_has_changed_it_since(delay: Path) -> None:
    delay.write_text("400\n")
    assert moved(way_back(delay)) == "forward delay of br0 is '400' now, not '1500': somebody changed it since"
    delay.unlink()
    assert "cannot be read any more" in moved(way_back(delay))


def test_what_has_no_value_to_look_at(delay: Path) -> None:
    assert moved(Nothing("a restart has no inverse")) == ""
    assert moved(Inverse("as before", (), Run(("true",)))) == ""
    assert moved(Inverse("as before", (), EditFile(path=str(delay), hunks=(), undoing=True))) == ""
    unknown = Run(("true",), holds=(Reading(str(delay), "200"),))
    assert moved(Inverse("as before", (), unknown)) == ""


def test_nothing_of_the_plan_is_begun(delay: Path, tmp_path: Path) -> None:
    """Not the first step either, whose own value is as it was."""
    first = step(Run(("touch", str(tmp_path / "mark"))), Nothing("x"))
    second = step(Run(("sh", "-c", 'echo 200 > "$0"', str(delay))), way_back(delay))
    journal = Journal(tmp_path / "journal")
    delay.write_text("400\n")
    done = perform(plan(first, second), journal)
    assert [one.state for one in done.steps] == ["planned", "failed"]
    assert "'400' now, not '1500'" in done.steps[1].why
    assert not (tmp_path / "mark").exists()
    assert delay.read_text() == "400\n"
    assert journal.read("e") == done

    delay.write_text("1500\n")
    assert [one.state for one in perform(plan(first, second), journal).steps] == ["done", "done"]
