"""No text can become markup: whatever goes in as text or as an attribute comes out of an XML parser as that text."""

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.report.drawing.element import Element, element
from pxedoctor.report.harmless import shown


def test_an_element_with_attributes_and_children() -> None:
    drawn = element("g", element("text", "a < b", class_="name", text_anchor="end", x=1.25, y=2.0), id="x")
    assert drawn.text() == '<g id="x"><text class="name" text-anchor="end" x="1.2" y="2">a &lt; b</text></g>'


def test_what_is_none_is_left_out() -> None:
    assert element("g", None, element("title", "t")).text() == "<g><title>t</title></g>"
    assert element("rect").text() == "<rect/>"


@given(st.text(), st.text())
def test_any_text_comes_back_as_that_text_with_its_controls_made_visible(text: str, attribute: str) -> None:
    read = fromstring(element("text", text, class_=attribute).text())
    assert (read.text or "") == shown(text)
    assert read.get("class") == shown(attribute)
    assert len(read) == 0


@pytest.mark.parametrize("name", ["a b", "", "x>", "on load", "1a", 'a"'])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        Element(name)
    with pytest.raises(ValueError, match="not the name"):
        Element("g", ((name, "v"),))
