"""A docstring as a text under headings: for a terminal, for a page, and refused where it is not whole."""

import types

import pytest

from golden import same_as_golden
from pxedoctor.checks.bridge import bridge_forward_delay
from pxedoctor.report.causes import causes_document, explanation_document, markdown_table, render_causes
from pxedoctor.report.explanation import HEADINGS, explanation, markdown, render_explanation
from pxedoctor.report.style import Style

WHOLE = """A title that goes on
over two lines.

What it does
    One paragraph
    over two lines.

    Another one.

Why the guest fails
    - an item that goes
      on
    - another

What you see
    Type this:

        virsh net-dumpxml --inactive a-network-whose-name-is-longer-than-a-terminal-of-80-columns
        virsh net-list

    and look at <bridge delay='0'>.

Fix
    None.

Fix safety
    SAFE.

References
    `libvirt-O-*` and x*y*z
"""


def check(doc: str) -> types.ModuleType:
    made = types.ModuleType("made", doc)
    made.META = bridge_forward_delay.META  # type: ignore[attr-defined]
    return made


def test_the_docstring_is_drawn_under_its_headings() -> None:
    same_as_golden("explain", render_explanation(check(WHOLE), Style()))  # type: ignore[arg-type]


def test_code_lines_stay_whole_on_a_narrow_terminal() -> None:
    text = render_explanation(check(WHOLE), Style(width=40))  # type: ignore[arg-type]
    assert "virsh net-dumpxml --inactive a-network-whose-name-is-longer-than-a-terminal-of-80-columns\n" in text


def test_a_page_shows_the_text_as_it_stands() -> None:
    page = markdown(check(WHOLE))  # type: ignore[arg-type]
    assert "and look at \\<bridge delay='0'>." in page
    assert "`libvirt-O-*` and x\\*y\\*z" in page
    assert "- an item that goes on\n- another\n" in page
    assert "    virsh net-dumpxml" in page


@pytest.mark.parametrize(
    ("doc", "says"),
    [
        (WHOLE.replace("Fix safety\n", "Safety\n"), "Safety"),
        (WHOLE.replace("Fix\n    None.\n\n", ""), "headings are"),
        (WHOLE.replace("    SAFE.\n", ""), "no text under Fix safety"),
        ("Only a title.", "none"),
    ],
)
def test_a_docstring_that_is_not_whole_is_refused(doc: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        explanation(check(doc))  # type: ignore[arg-type]


def test_the_table_of_causes() -> None:
    checks = (bridge_forward_delay,)
    assert render_causes(checks, Style(width=130)) == (
        "BR001  bridge-forward-delay  bridge  repair sometimes  "
        "A bridge with STP keeps each new port silent for twice its forward delay."
    )
    assert render_causes(checks, Style()).splitlines()[1].startswith("       A bridge with STP")


def test_the_table_links_to_the_pages() -> None:
    assert markdown_table((bridge_forward_delay,)).splitlines()[-1] == (
        "| BR001 | [bridge-forward-delay](causes/bridge-forward-delay.md) | bridge "
        "| A bridge with STP keeps each new port silent for twice its forward delay. | sometimes |"
    )


def test_as_json() -> None:
    told = explanation_document(bridge_forward_delay)
    assert [section.heading for section in told.sections] == list(HEADINGS)
    assert told.cause == causes_document((bridge_forward_delay,)).causes[0]
    assert (told.cause.code, told.cause.name, told.cause.fix) == ("BR001", "bridge-forward-delay", "sometimes")
