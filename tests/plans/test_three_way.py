"""Before, written, now: which passages can be taken back, where they are now, and all three texts in one order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.access.redact import without_keys
from pxedoctor.plans.hunks import applied_anywhere, as_it_is, backwards, between
from pxedoctor.plans.request import EditFile, RemoveFile, WriteFile
from pxedoctor.plans.three_way import (
    NOT_THERE,
    Merged,
    Passage,
    ThreeWay,
    merged,
    of_edit,
    of_making,
    of_removal,
    value_of,
)

BEFORE = "# head\n\niface br0\n  bridge_stp on\n  bridge_fd 15\n  bridge_ports none\n\n# tail\n"
WRITTEN = BEFORE.replace("fd 15", "fd 2")
LINES = st.lists(st.sampled_from(["a\n", "b\n", "\n", "c=1\n", "é\n"]), max_size=12)
TEXTS = st.tuples(LINES, st.sampled_from(["", "end"])).map(lambda parts: "".join(parts[0]) + parts[1])


def back(before: str = BEFORE, written: str = WRITTEN) -> EditFile:
    return EditFile(path="/etc/f", hunks=backwards(between(before, written)), undoing=True)


def only(three: ThreeWay) -> Passage:
    (passage,) = three.passages
    return passage


def drawn(passage: Passage) -> list[str]:
    return [
        "".join(letter if there else "." for letter, there in zip("bwn", (m.before, m.written, m.now), strict=True))
        + f" {m.text}".rstrip()
        for m in merged(passage)
    ]


def test_what_pxedoctor_wrote_is_still_there() -> None:
    passage = only(of_edit(back(), WRITTEN, as_it_is))
    assert (passage.standing, passage.line) == ("undoable", 3)
    assert passage.now == passage.written


def test_somebody_put_it_back() -> None:
    passage = only(of_edit(back(), BEFORE, as_it_is))
    assert passage.standing == "undone"
    assert passage.now == passage.before


def test_somebody_wrote_something_else() -> None:
    passage = only(of_edit(back(), WRITTEN.replace("fd 2", "fd 20"), as_it_is))
    assert passage.standing == "conflict"
    assert drawn(passage) == [
        "bwn iface br0",
        "bwn   bridge_stp on",
        "b..   bridge_fd 15",
        ".w.   bridge_fd 2",
        "..n   bridge_fd 20",
        "bwn   bridge_ports none",
        "bwn",
    ]


def test_it_is_found_again_where_others_moved_it() -> None:
    theirs = "new\n" * 40 + WRITTEN.replace("fd 2", "fd 20").replace("iface br0\n", "iface br0\n  mtu 1400\n  up x\n")
    passage = only(of_edit(back(), theirs, as_it_is))
    assert (passage.standing, passage.line) == ("conflict", 43)
    assert "..n   mtu 1400" in drawn(passage)
    assert "..n   bridge_fd 20" in drawn(passage)
    assert "# tail\n" not in passage.now


def test_two_places_of_which_one_can_be_taken_back() -> None:
    before = "one=1\n" + "x\n" * 9 + "two=1\n"
    written = before.replace("=1", "=2")
    three = of_edit(back(before, written), written.replace("two=2", "two=9"), as_it_is)
    assert [(passage.line, passage.standing) for passage in three.passages] == [(1, "undoable"), (9, "conflict")]
    assert three.in_conflict


@pytest.mark.parametrize("now", ["", "\n", "nothing of it\n" * 3])
def test_nothing_of_it_is_left(now: str) -> None:
    passage = only(of_edit(back(), now, as_it_is))
    assert passage.standing == "conflict"
    assert "".join(passage.now) in now


def test_of_the_same_three_one_is_named_with_two_letters() -> None:
    lines = ("1\n",), ("2\n",)
    assert merged(_passage(lines[0], lines[1], lines[0])) == [
        Merged("1\n", True, False, True),
        Merged("2\n", False, True, False),
    ]
    assert merged(_passage(lines[0], lines[0], lines[1])) == [
        Merged("1\n", True, True, False),
        Merged("2\n", False, False, True),
    ]
    assert merged(_passage(lines[1], lines[0], lines[0])) == [
        Merged("2\n", True, False, False),
        Merged("1\n", False, True, True),
    ]


def _passage(before: tuple[str, ...], written: tuple[str, ...], now: tuple[str, ...]) -> Passage:
    return Passage(path="/f", line=1, standing="conflict", before=before, written=written, now=now)


@given(LINES, LINES, LINES)
def test_each_text_is_whole_in_what_is_drawn(before: list[str], written: list[str], now: list[str]) -> None:
    lines = merged(_passage(tuple(before), tuple(written), tuple(now)))
    assert [line.text for line in lines if line.before] == before
    assert [line.text for line in lines if line.written] == written
    assert [line.text for line in lines if line.now] == now


@given(TEXTS, TEXTS, TEXTS)
def test_a_lone_passage_stands_as_the_executor_will_find_it(before: str, written: str, now: str) -> None:
    request = back(before, written)
    for passage, hunk in zip(of_edit(request, now, as_it_is).passages, request.hunks, strict=True):
        assert (passage.standing == "undoable") == (applied_anywhere(now, (hunk,)) is not None)
        assert "".join(passage.now) in now


def test_a_secret_beside_it_is_neither_shown_nor_a_difference() -> None:
    before = "psk=*****\nfd 15\n"
    three = of_edit(back(before, before.replace("15", "2")), "psk=hunter2\nfd 20\n", without_keys)
    assert "hunter2" not in repr(three)
    assert drawn(only(three)) == ["bwn psk=*****", "b.. fd 15", ".w. fd 2", "..n fd 20"]


def test_a_file_that_pxedoctor_made() -> None:
    request = RemoveFile(path="/etc/new", text="[Bridge]\nSTP=no\n")
    assert only(of_removal(request, None, as_it_is)).standing == "undone"
    assert only(of_removal(request, request.text, as_it_is)).standing == "undoable"
    passage = only(of_removal(request, "[Bridge]\nSTP=no\nPriority=1\n", as_it_is))
    assert passage.standing == "conflict"
    assert drawn(passage) == [".wn [Bridge]", ".wn STP=no", "..n Priority=1"]


def test_a_file_that_pxedoctor_made_differs_in_a_secret_alone() -> None:
    request = RemoveFile(path="/etc/new", text="a\npsk=one\n")
    passage = only(of_removal(request, "a\npsk=two\n", without_keys))
    assert passage.standing == "conflict"
    assert "two" not in repr(passage)


def test_a_file_that_pxedoctor_removed() -> None:
    request = WriteFile(path="/etc/old", text="old\n", mode=0o644)
    assert only(of_making(request, None, as_it_is)).standing == "undoable"
    assert only(of_making(request, "old\n", as_it_is)).standing == "undone"
    assert only(of_making(request, "else\n", as_it_is)).standing == "conflict"


def test_values() -> None:
    assert value_of("x", "1500", "200", "200").standing == "undoable"
    assert value_of("x", "1500", "200", "1500").standing == "undone"
    assert value_of("x", NOT_THERE, "200", "2000").standing == "conflict"


def test_a_large_file_of_equal_lines_costs_little() -> None:
    three = of_edit(back(), "\n" * 20_000, as_it_is)
    assert len(only(three).now) < 40
    assert len(only(of_removal(RemoveFile(path="/f", text="a\n"), "b\n" * 100_000, as_it_is)).now) <= 2_000
