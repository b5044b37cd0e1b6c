"""The mode of a real file: changed, read, taken back, and left where somebody else has changed it."""

from pathlib import Path

import pytest

from builders import host
from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.mode import change_mode, mode_now
from pxedoctor.apply.three_way import met
from pxedoctor.model.boot_file import Entry
from pxedoctor.plans.file_mode import LetOthersIn
from pxedoctor.plans.request import ChangeMode
from pxedoctor.plans.step import Inverse


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path.resolve() / "boot.0"
    path.touch()
    path.chmod(0o4640)
    return path


def step(file: Path) -> tuple[ChangeMode, Inverse]:
    made = LetOthersIn(entry=Entry(path=str(file), kind="file", mode=0o4640, uid=0, gid=0))
    request, back = made.request(), made.undo(host())
    assert isinstance(request, ChangeMode)
    assert isinstance(back, Inverse)
    return request, back


def test_done_and_taken_back_and_twice_is_once(file: Path) -> None:
    request, back = step(file)
    assert isinstance(back.request, ChangeMode)
    for _ in range(2):
        change_mode(request)
        assert mode_now(str(file)) == 0o4644
    for _ in range(2):
        change_mode(back.request)
        assert mode_now(str(file)) == 0o4640


def test_somebody_else_changed_it_before(file: Path) -> None:
    request, _ = step(file)
    file.chmod(0o600)
    with pytest.raises(NotGrantedError, match="the mode 0600 now, not 4640"):
        change_mode(request)
    assert mode_now(str(file)) == 0o600


@pytest.mark.parametrize(("now", "standing"), [(0o4644, "undoable"), (0o4640, "undone"), (0o600, "conflict")])
def test_what_the_way_back_meets(file: Path, now: int, standing: str) -> None:
    _, back = step(file)
    file.chmod(now)
    (value,) = met(back).values
    assert (value.standing, value.before, value.written, value.now) == (standing, "4640", "4644", f"{now:04o}")
    if standing == "conflict":
        assert isinstance(back.request, ChangeMode)
        with pytest.raises(NotGrantedError, match="somebody changed it since"):
            change_mode(back.request)
        assert mode_now(str(file)) == now
