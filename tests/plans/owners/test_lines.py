"""Lines and their ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.plans.owners.lines import inserted, replaced, split


@given(st.text(alphabet="a\r\n\x0b", max_size=20))
def test_joined_again_it_is_the_text(text: str) -> None:
    assert "".join(split(text)) == text


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("", -1, "x\n"),
        ("a", 0, "a\nx\n"),
        ("a\r\nb", 1, "a\r\nb\r\nx\r\n"),
        ("a\nb\n", 0, "a\nx\nb\n"),
        ("a\n", -1, "x\na\n"),
    ],
)
def test_inserted(text: str, after: int, expected: str) -> None:
    assert inserted(text, after, "x") == expected


def test_replaced_keeps_the_end() -> None:
    assert replaced("a\r\nb", 0, "c") == "c\r\nb"
    assert replaced("a\r\nb", 1, "c") == "a\r\nc"
