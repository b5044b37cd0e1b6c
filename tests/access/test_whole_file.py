"""A file is written whole or not at all, and never through something that is no file."""

import os
import stat
from pathlib import Path

import pytest

from pxedoctor.access.whole_file import NotAFileError, write_whole


def test_a_file_is_its_owners_and_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")
    write_whole(str(path), b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["page.html"]


def test_a_link_is_refused_and_what_it_points_to_is_untouched(tmp_path: Path) -> None:
    secret, link = tmp_path / "secret", tmp_path / "page.html"
    secret.write_text("keep")
    link.symlink_to(secret)
    with pytest.raises(NotAFileError) as told:
        write_whole(str(link), b"new")
    assert told.value.strerror == "it is there already and is a link"
    assert secret.read_text() == "keep"


@pytest.mark.parametrize("what", ["folder", "pipe"])
def test_what_is_no_file_is_refused(tmp_path: Path, what: str) -> None:
    path = tmp_path / what
    os.mkfifo(path) if what == "pipe" else path.mkdir()
    with pytest.raises(NotAFileError, match="is not a file"):
        write_whole(str(path), b"new")


def test_where_it_cannot_be_written_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_whole(str(tmp_path / "gone" / "page.html"), b"new")
    assert os.listdir(tmp_path) == []
