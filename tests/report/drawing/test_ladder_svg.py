"""The ladder drawn: a lost frame's arrow ends at the lane where it was lost, with a cross and not with a tip."""

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import offer, probed, sent
from golden import same_as_golden
from pxedoctor.model.observation import SeenState
from pxedoctor.report.drawing.ladder import Arrow, Ladder
from pxedoctor.report.drawing.ladder_svg import NARROW, WIDE, ladder_svg
from pxedoctor.report.drawing.mark import Mark
from pxedoctor.report.drawing.probe_ladder import probe_ladder


def slow() -> Ladder:
    states = (SeenState(0.0, "listening"), SeenState(15.0, "learning"), SeenState(30.0, "forwarding"))
    questions = (*sent(0.1, 1.1, 3.1, 7.1, state="listening"), *sent(30.1))
    return probe_ladder(probed(states=states, sent=questions, offers=(offer(30.2),)))


@pytest.mark.parametrize(("name", "width"), [("wide", WIDE), ("narrow", NARROW)])
def test_the_drawing(name: str, width: float) -> None:
    same_as_golden(f"ladder-{name}", ladder_svg(slow(), width, "l").text().replace("><", ">\n<"))


def test_a_lost_frame_ends_where_it_was_lost() -> None:
    read = fromstring(ladder_svg(slow(), WIDE, "l").text())
    lanes = [float(line.get("x1")) for line in read.iter("line") if line.get("class") == "lane"]
    lost = [line for line in read.iter("line") if line.get("class") == "arrow bad"]
    assert len(lost) == 4
    assert {float(line.get("x2")) for line in lost} == {lanes[1] - 2}
    tips = [entry for entry in read.iter("polygon") if (entry.get("class") or "").startswith("tip")]
    assert len(tips) == 2


def test_the_bands_stand_one_after_the_other() -> None:
    read = fromstring(ladder_svg(slow(), WIDE, "l").text())
    bands = [entry for entry in read.iter("rect") if (entry.get("class") or "").startswith("band")]
    assert [entry.get("class") for entry in bands] == ["band listening", "band learning", "band forwarding"]
    edges = [(float(entry.get("y")), float(entry.get("y")) + float(entry.get("height"))) for entry in bands]
    assert edges[0][1] == pytest.approx(edges[1][0], abs=0.2)
    assert edges[1][1] == pytest.approx(edges[2][0], abs=0.2)


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 3), st.integers(0, 3), st.text(max_size=30)), max_size=80))
@settings(deadline=None, max_examples=30)
def test_any_exchange_is_drawn_whole_and_well_formed(entries: list[tuple[float, int, int, str]]) -> None:
    arrows = tuple(
        Arrow(at=at, start=start, end=end, label=label, mark=list(Mark)[end]) for at, start, end, label in entries
    )
    ladder = Ladder(title="<t>", lanes=("a", "b\x1b", "c", "d"), arrows=arrows)
    for width in (WIDE, NARROW):
        read = fromstring(ladder_svg(ladder, width, "l").text())
        height = float(read.get("height"))
        assert all(0 <= float(entry.get("y", 0)) <= height for entry in read.iter("text"))
