"""A text is cut only where it does not fit, and says that it was."""

from pxedoctor.report.drawing.fitting import cut


def test_what_fits_stays_whole() -> None:
    assert cut("web01", 100) == "web01"


def test_what_does_not_fit_ends_in_an_ellipsis() -> None:
    drawn = cut("a-guest-with-a-very-long-name", 80)
    assert drawn == "a-guest-wi…"


def test_wide_characters_take_two() -> None:
    assert cut("客戶機客戶機", 50) == "客戶機客戶…"
