"""Questions side by side: answers in the order of the questions, and an error is seen."""

import threading
from functools import partial

import pytest

from pxedoctor.access.side_by_side import side_by_side


def test_answers_are_in_the_order_of_the_questions() -> None:
    assert side_by_side([partial(int, str(number)) for number in range(50)]) == list(range(50))
    assert side_by_side([]) == []


def test_a_few_are_asked_at_a_time() -> None:
    together = threading.Barrier(4)
    assert sorted(side_by_side([partial(together.wait, 20)] * 4)) == [0, 1, 2, 3]


def test_an_error_is_raised_after_the_others_have_ended() -> None:
    ended: list[int] = []
    asks = [partial(ended.append, number) for number in range(3)]
    with pytest.raises(ValueError, match="no number"):
        side_by_side([*asks, partial(int, "no number")])
    assert sorted(ended) == [0, 1, 2]
