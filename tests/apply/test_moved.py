"""Left to do, done already, or changed by somebody since."""

import pytest

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.moved import changed_since, left_to_do


def test_left_to_do_or_done_already() -> None:
    assert left_to_do("f has the mode", "0640", "0640", "0644")
    assert not left_to_do("f has the mode", "0644", "0640", "0644")
    assert left_to_do("f holds", "1", "1", None)


@pytest.mark.parametrize("wanted", ["0644", None])
def test_neither_is_told_with_what_is_there(wanted: str | None) -> None:
    with pytest.raises(NotGrantedError, match=r"^f has the mode 0600 now, not 0640: somebody changed it since$"):
        left_to_do("f has the mode", "0600", "0640", wanted)


def test_the_words_alone() -> None:
    assert (
        str(changed_since("delay is", "nothing", "'2'")) == "delay is nothing now, not '2': somebody changed it since"
    )
