"""Files and folders opened, and what is neither, or is reached by a link, left alone."""

import os
from pathlib import Path

import pytest

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.opened import opened, with_one_name


def test_a_file_and_a_folder(tmp_path: Path) -> None:
    file = tmp_path.resolve() / "f"
    file.touch()
    for path in (file, file.parent):
        with opened(str(path), "mode") as handle:
            assert os.fstat(handle).st_ino == path.stat().st_ino
            with_one_name(handle, str(path))
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(handle)


def test_what_is_left_alone(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    (root / "link").symlink_to(root / "f")
    os.mkfifo(root / "fifo")
    for name, words in (
        ("link", "links are not followed"),
        ("fifo", "neither a file nor"),
        ("gone", "cannot be opened"),
    ):
        with pytest.raises(NotGrantedError, match=words), opened(str(root / name), "mode"):
            pass
    (root / "f").touch()
    os.link(root / "f", root / "other")
    with opened(str(root / "f"), "label") as handle, pytest.raises(NotGrantedError, match="one name"):
        with_one_name(handle, str(root / "f"))


def test_a_refusal_says_what_could_not_be_set(tmp_path: Path) -> None:
    path = str(tmp_path.resolve())
    with pytest.raises(NotGrantedError, match=r"the label of .* cannot be set: No space left"), opened(path, "label"):
        raise OSError(28, "No space left on device")
