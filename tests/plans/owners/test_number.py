"""Numbers and spans of time."""

import pytest

from pxedoctor.plans.owners.number import decimal, span, whole


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15", 15.0),
        ("2s", 2.0),
        (" 1min 30 s", 90.0),
        ("500ms", 0.5),
        ("1.5", 1.5),
        ("", None),
        ("2x", None),
        ("-1", None),
    ],
)
def test_spans_as_systemd_takes_them(text: str, seconds: float | None) -> None:
    assert span(text) == seconds


def test_numbers() -> None:
    assert (decimal("2.5"), decimal("2"), decimal("2s"), decimal("٢"), decimal("1e9")) == (2.5, 2.0, None, None, None)
    assert (whole("15"), whole("1.5"), whole("9" * 10), whole("")) == (15, None, None, None)
