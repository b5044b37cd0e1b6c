"""Who is known to live in another network namespace, and who is not."""

import pytest

from pxedoctor.model.process import lives_elsewhere

OURS, THEIRS = "net:[4026531840]", "net:[4026532177]"


@pytest.mark.parametrize(
    ("its", "ours", "elsewhere"),
    [
        (THEIRS, OURS, True),
        (OURS, OURS, False),
        (None, OURS, False),
        ("", OURS, False),
        (THEIRS, None, False),
        (THEIRS, "", False),
        (None, None, False),
    ],
)
def test_only_two_that_were_read_and_differ_are_a_proof(its: str | None, ours: str | None, elsewhere: bool) -> None:
    assert lives_elsewhere(its, ours) is elsewhere
