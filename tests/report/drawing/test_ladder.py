"""A ladder is a value: arrows between lanes that exist, in the order of their times."""

import pytest

from pxedoctor.report.drawing.ladder import MOST_ROWS, Arrow, Band, Ladder, Note, shortened
from pxedoctor.report.drawing.mark import Mark


def arrow(at: float, end: int = 1) -> Arrow:
    return Arrow(at=at, start=0, end=end, label="DISCOVER", mark=Mark.GOOD)


def test_rows_are_in_the_order_of_time_and_notes_come_first() -> None:
    note = Note(at=1.0, lane=0, words="the port is learning")
    ladder = Ladder(title="t", lanes=("a", "b"), arrows=(arrow(2.0), arrow(1.0)), notes=(note,))
    assert [row.at for row in ladder.rows()] == [1.0, 1.0, 2.0]
    assert ladder.rows()[0] is note


@pytest.mark.parametrize("end", [-1, 2])
def test_an_arrow_to_nowhere_is_refused(end: int) -> None:
    with pytest.raises(ValueError, match="an arrow from lane 0"):
        Ladder(title="t", lanes=("a", "b"), arrows=(arrow(0.0, end),))


def test_the_state_behind_a_lane() -> None:
    ladder = Ladder(title="t", lanes=("a", "b"), bands=(Band(lane=1, at=0.0, until=15.0, state="listening"),))
    assert ladder.state_at(1, 3.0) == "listening"
    assert ladder.state_at(1, 15.0) == ""
    assert ladder.state_at(0, 3.0) == ""


def test_what_is_too_much_is_counted() -> None:
    ladder = Ladder(title="t", lanes=("a", "b"), arrows=tuple(arrow(float(at)) for at in range(MOST_ROWS + 7)))
    rows, left = shortened(ladder)
    assert (len(rows), left) == (MOST_ROWS, 7)


def test_the_words_of_an_arrow() -> None:
    lost = Arrow(at=0.0, start=0, end=1, label="DISCOVER", mark=Mark.BAD, why="the port is listening")
    assert lost.words == "DISCOVER: the port is listening"
    assert arrow(0.0).words == "DISCOVER"
