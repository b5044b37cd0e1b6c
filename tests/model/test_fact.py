"""What is known, and what is not and why."""

import pytest

from pxedoctor.model.fact import Missing, MissingFactError, known


def test_a_value_is_known_whatever_it_is() -> None:
    assert known(()) == ()
    assert known("") == ""


def test_what_is_missing_says_why() -> None:
    missing = Missing("forbidden", "only root may", "run it as root")
    with pytest.raises(MissingFactError, match="only root may") as caught:
        known(missing)
    assert caught.value.missing == missing
