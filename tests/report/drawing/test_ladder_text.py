"""The ladder in box characters, word for word; plain characters where the terminal has no others."""

from hypothesis import given
from hypothesis import strategies as st

from builders import offer, probed, sent
from golden import same_as_golden
from pxedoctor.model.observation import SeenState
from pxedoctor.report.drawing.ladder import Arrow, Ladder
from pxedoctor.report.drawing.ladder_text import ASCII, ladder_lines
from pxedoctor.report.drawing.mark import Mark
from pxedoctor.report.drawing.probe_ladder import probe_ladder
from pxedoctor.report.style import Style, columns, draw


def slow() -> Ladder:
    states = (SeenState(0.0, "listening"), SeenState(15.0, "learning"), SeenState(30.0, "forwarding"))
    questions = (*sent(3.0, 4.0, state="listening"), *sent(30.1))
    return probe_ladder(probed(states=states, sent=questions, offers=(offer(30.2, refused="it came from port 1024"),)))


def test_a_wide_terminal_has_the_words_beside() -> None:
    same_as_golden("ladder-text-wide", draw(ladder_lines(slow(), Style(width=120)), Style(width=120)))


def test_a_narrow_one_under_each_line() -> None:
    same_as_golden("ladder-text-narrow", draw(ladder_lines(slow(), Style(width=50)), Style(width=50)))


def test_plain_characters() -> None:
    text = draw(ladder_lines(slow(), Style(width=120), ASCII), Style(width=120))
    assert text.isascii()
    assert "+-----" in text
    assert "x:" in text


def test_without_colour_there_is_no_escape() -> None:
    assert "\x1b" not in draw(ladder_lines(slow(), Style()), Style())


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from(Mark)), max_size=70), st.integers(40, 120)
)
def test_every_row_has_every_lane_at_its_place(entries: list[tuple[int, int, Mark]], width: int) -> None:
    arrows = tuple(Arrow(at=1.0, start=s, end=e, label="x", mark=mark) for s, e, mark in entries)
    style = Style(width=width)
    lines = ladder_lines(Ladder(title="t", lanes=("a", "bb", "ccc", "dddd"), arrows=arrows), style)
    drawn = [entry for entry in lines if any(" s  " in span.text for span in entry)]
    assert len({columns(entry[1].text) for entry in drawn}) <= 1
