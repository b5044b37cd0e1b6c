"""A mark is told by its shape, its word and its colour: never by the colour alone."""

import pytest

from pxedoctor.report.drawing.mark import SIGNS, WORDS, Mark, of_fate, of_verdict, sign
from pxedoctor.road.hop import Fate
from pxedoctor.verdict.report import Verdict


def test_each_mark_has_a_shape_of_its_own() -> None:
    shapes = {mark: (sign(mark, 10, 10).children[0].tag, sign(mark, 10, 10).children[0].attributes) for mark in Mark}  # type: ignore[union-attr]
    told = {shape for mark, shape in shapes.items() if mark is not Mark.NONE}
    assert len(told) == 3


@pytest.mark.parametrize("words", [SIGNS, WORDS])
def test_each_mark_has_a_word_and_a_sign_of_its_own(words: dict[Mark, str]) -> None:
    assert len({words[mark] for mark in Mark}) == 4


def test_fates_and_verdicts() -> None:
    assert [of_fate(fate) for fate in (Fate.PASS, Fate.DROP, Fate.UNKNOWN)] == [Mark.GOOD, Mark.BAD, Mark.DOUBT]
    told = [of_verdict(verdict) for verdict in (Verdict.HEALTHY, Verdict.BROKEN, Verdict.UNKNOWN)]
    assert told == [Mark.GOOD, Mark.BAD, Mark.DOUBT]
