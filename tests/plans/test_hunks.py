"""Hunks: forwards, backwards, where lines moved, and where somebody else was there; diff and patch agree."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.plans.hunks import added, applied, applied_anywhere, backwards, between, is_done, removed, unified

LINES = st.lists(st.sampled_from(["a\n", "b\n", "\n", "x\r\n", " key=1\n", "é\n"]), max_size=12)
TEXTS = st.tuples(LINES, st.sampled_from(["", "end", "a"])).map(lambda parts: "".join(parts[0]) + parts[1])


@given(TEXTS, TEXTS)
def test_forwards_and_back_to_the_byte(before: str, after: str) -> None:
    hunks = between(before, after)
    assert applied(before, hunks) == after
    assert applied(after, backwards(hunks)) == before
    assert is_done(after, hunks)


@given(TEXTS)
def test_nothing_changed_is_no_hunk(text: str) -> None:
    assert between(text, text) == ()


FILE = "".join(f"line {number}\n" for number in range(1, 21))
CHANGED = FILE.replace("line 10\n", "line ten\n")


def test_somebody_elses_line_elsewhere_is_kept() -> None:
    back = backwards(between(FILE, CHANGED))
    assert applied_anywhere(f"new first line\n{CHANGED}", back) == f"new first line\n{FILE}"
    assert applied(f"new first line\n{CHANGED}", back) is None


def test_somebody_elses_change_of_the_same_line_is_a_conflict() -> None:
    theirs = CHANGED.replace("line ten\n", "line TEN\n")
    assert applied_anywhere(theirs, backwards(between(FILE, CHANGED))) is None
    assert not is_done(theirs, between(FILE, CHANGED))


def test_where_it_fits_twice_and_not_where_it_stood_nobody_guesses() -> None:
    hunks = between("a\n", "b\n")
    assert applied_anywhere("x\na\na\n", hunks) is None


@pytest.mark.parametrize("end", ["\n", ""])
def test_patch_takes_the_diff(tmp_path: Path, end: str) -> None:
    """patch(1) is the judge of what a person is shown."""
    before = FILE[:-1] + end
    after = before.replace("line 3\n", "").replace("line 10\n", "line ten\nline 10b\n")
    file = tmp_path / "file"
    file.write_text(before)
    subprocess.run(["patch", "-s", str(file)], input=unified("file", between(before, after)), text=True, check=True)
    assert file.read_text() == after


def test_a_new_file_and_its_end() -> None:
    assert added("/etc/x", "a\nb\n") == "--- /dev/null\n+++ /etc/x\n@@ -0,0 +1,2 @@\n+a\n+b\n"
    assert removed("/etc/x", "a\n") == "--- /etc/x\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n"
