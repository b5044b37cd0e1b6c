"""The drawing of who is plugged in where: whole at any number of guests, told to a screen reader, and well formed."""

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import bridge, facts, port
from golden import same_as_golden
from pxedoctor.report.drawing.topology import topology
from pxedoctor.report.drawing.topology_svg import NARROW, WIDE, Layout, topology_svg
from pxedoctor.verdict.report import Report, Verdict
from report_builders import broken_report, guest, report, slow_bridge, slow_host

SVG = "{http://www.w3.org/2000/svg}"


def many(count: int, broken: int) -> Report:
    """Guests on one bridge, of which the last few are broken."""
    guests = [guest(f"web{at:02}", f"52:54:00:0d:0e:{at:02x}", tap=f"vnet{at}", running=True) for at in range(count)]
    ill = guests[count - broken :]
    found = (slow_bridge(slow_host(), *ill),) if ill else ()
    targets = [(one, Verdict.BROKEN if one in ill else Verdict.HEALTHY) for one in guests]
    return report(*targets, findings=found)


def texts(drawn: str) -> list[str]:
    return [entry.text or "" for entry in fromstring(drawn).iter("text")]


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_the_drawing(layout: Layout) -> None:
    (drawn,) = topology_svg(topology(broken_report(), slow_host().host), layout, "t")
    same_as_golden(f"topology-{'wide' if layout is WIDE else 'narrow'}", drawn.text().replace("><", ">\n<"))


@pytest.mark.parametrize("layout", [WIDE, NARROW])
@pytest.mark.parametrize("count", [1, 8, 30, 200])
def test_the_broken_ones_stand_first_and_nothing_leaves_the_drawing(layout: Layout, count: int) -> None:
    host = facts(bridges=(bridge(ports=tuple(port(f"vnet{at}") for at in range(count))),)).host
    (drawn,) = topology_svg(topology(many(count, 1), host), layout, "t")
    read = fromstring(drawn.text())
    assert next(text for text in texts(drawn.text()) if text.startswith("web")) == f"web{count - 1:02}"
    height = float(read.get("height"))
    for entry in read.iter():
        assert 0 <= float(entry.get("y", 0)) <= height
        assert float(entry.get("x", 0)) <= layout.width
    if count > 60:
        assert f"and {count - 60} more" in texts(drawn.text())


def test_it_says_in_words_what_it_shows() -> None:
    (drawn,) = topology_svg(topology(many(3, 1), slow_host().host), WIDE, "t")
    read = fromstring(drawn.text())
    assert (read.get("role"), read.get("aria-labelledby")) == ("img", "t-0-title t-0-desc")
    said = {entry.get("id"): entry.text for entry in read.iter() if entry.get("id")}
    assert said["t-0-title"] == "What is plugged into br0"
    assert "broken: web02" in said["t-0-desc"]


@given(st.text(max_size=40), st.text(max_size=20))
@settings(deadline=None, max_examples=30)
def test_any_name_stays_text(name: str, tap: str) -> None:
    web = guest(name, tap=tap, running=True, bridge="br<0>")
    for layout in (WIDE, NARROW):
        (drawn,) = topology_svg(topology(report((web, Verdict.BROKEN)), facts().host), layout, "t")
        tags = {entry.tag for entry in fromstring(drawn.text()).iter()}
        assert tags <= {"svg", "g", "title", "desc", "rect", "text", "line", "polygon", "path", "circle"}
