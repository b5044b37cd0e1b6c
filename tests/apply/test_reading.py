"""Whether the host is still as it was: yes, done already, or moved, with what is there now."""

from pathlib import Path

import pytest

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.grant import grant
from pxedoctor.apply.reading import still_to_do
from pxedoctor.plans.request import Reading, Run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "forward_delay"
    made.write_text("1500\n")
    return made


def test_as_it_was(file: Path) -> None:
    assert still_to_do((Reading(str(file), "1500", done="200"),))
    assert still_to_do(())


def test_done_already_is_not_done_again(file: Path, tmp_path: Path) -> None:
    file.write_text("200\n")
    grant(Run(("touch", str(tmp_path / "mark")), holds=(Reading(str(file), "1500", done="200"),)))
    assert not (tmp_path / "mark").exists()


def test_the_world_has_moved(file: Path, tmp_path: Path) -> None:
    file.write_text("400\n")
    with pytest.raises(NotGrantedError, match="holds '400' now, not '1500': somebody changed it since"):
        grant(Run(("touch", str(tmp_path / "mark")), holds=(Reading(str(file), "1500", done="200"),)))
    assert not (tmp_path / "mark").exists()


def test_what_is_gone(tmp_path: Path) -> None:
    with pytest.raises(NotGrantedError, match="cannot be read any more"):
        still_to_do((Reading(str(tmp_path / "gone"), "1"),))
