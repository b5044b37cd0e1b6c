"""What a step's way back meets now: files and values as they are, nothing changed, and no secret out."""

import os
from pathlib import Path

import pytest

from pxedoctor.apply.three_way import met
from pxedoctor.plans.hunks import backwards, between
from pxedoctor.plans.request import EditFile, Reading, RemoveFile, Request, Run, Service
from pxedoctor.plans.step import Inverse, Nothing
from pxedoctor.plans.three_way import ThreeWay

BEFORE = "psk=*****\nfd=15\n"


def back(request: Request, words: str = "as before") -> ThreeWay:
    return met(Inverse(words, (), request))


def edit(path: Path) -> EditFile:
    hunks = backwards(between(BEFORE, BEFORE.replace("15", "2")))
    return EditFile(path=str(path), hunks=hunks, undoing=True)


def test_a_file_without_its_secret(tmp_path: Path) -> None:
    file = tmp_path / "br.conf"
    file.write_text("psk=hunter2\nfd=20\n")
    (passage,) = back(edit(file)).passages
    assert passage.standing == "conflict"
    assert passage.now == ("psk=*****\n", "fd=20\n")
    assert file.read_text() == "psk=hunter2\nfd=20\n"
    file.write_text("psk=hunter2\nfd=2\n")
    assert back(edit(file)).passages[0].standing == "undoable"


def test_a_file_that_is_gone_has_nothing_of_it(tmp_path: Path) -> None:
    assert back(edit(tmp_path / "gone")).passages[0].now == ()
    (passage,) = back(RemoveFile(path=str(tmp_path / "gone"), text="a\n")).passages
    assert passage.standing == "undone"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("secret\n")
    os.symlink("real", tmp_path / "link")
    three = back(edit(tmp_path / "link"))
    assert "links are not followed" in three.unreadable
    assert not three.in_conflict


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"\xff\n")
    assert back(RemoveFile(path=str(tmp_path / "f"), text="a\n")).in_conflict


@pytest.mark.parametrize(("now", "standing"), [("200", "undoable"), ("1500", "undone"), ("2000", "conflict")])
def test_a_live_value(tmp_path: Path, now: str, standing: str) -> None:
    file = tmp_path / "forward_delay"
    file.write_text(f"{now}\n")
    held = Reading(str(file), "200", done="1500", what="forward delay of br0")
    (value,) = back(Run(("touch", str(tmp_path / "never")), holds=(held,))).values
    assert (value.name, value.before, value.written, value.now) == ("forward delay of br0", "1500", "200", now)
    assert value.standing == standing
    assert not (tmp_path / "never").exists()


def test_a_value_that_is_gone(tmp_path: Path) -> None:
    three = back(Run(("true",), holds=(Reading(str(tmp_path / "gone"), "1", done="0"),)))
    assert "cannot be read any more" in three.unreadable


@pytest.mark.parametrize(("answer", "now"), [("true", "there"), ("false", "not there")])
def test_what_was_added_is_asked_for(answer: str, now: str) -> None:
    (value,) = back(Run(("true",), only_if=(answer,)), "take that rule away").values
    assert (value.name, value.before, value.written, value.now) == ("take that rule away", "not there", "there", now)


@pytest.mark.parametrize(
    ("answer", "now", "standing"), [("true", "there", "undone"), ("false", "not there", "undoable")]
)
def test_what_was_taken_away_is_asked_for(answer: str, now: str, standing: str) -> None:
    (value,) = back(Run(("true",), unless=(answer,)), "that route again").values
    assert (value.before, value.written, value.now, value.standing) == ("there", "not there", now, standing)


def test_what_cannot_be_compared() -> None:
    assert met(Nothing("a restart has no inverse")) == ThreeWay()
    assert back(Service("libvirtd", "restart")) == ThreeWay()
    assert back(Run(("true",))) == ThreeWay()
