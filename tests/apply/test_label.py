"""Labels of real files: root sets them with or without SELinux in the kernel, and they are read back."""

import os
from pathlib import Path

import pytest

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.executor import perform, recorded, take_back
from pxedoctor.apply.label import NO_LABEL, label_now, relabel
from pxedoctor.apply.three_way import met
from pxedoctor.journal.store import Journal
from pxedoctor.model.host import Host
from pxedoctor.plans.label import RestoreLabel
from pxedoctor.plans.plan import Plan
from pxedoctor.plans.record import Entry
from pxedoctor.plans.request import Relabel

HOME, TFTP, OTHER = (f"system_u:object_r:{kind}:s0" for kind in ("user_home_t", "tftpdir_t", "httpd_sys_content_t"))

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="labels are root's to set")


def label(path: Path, text: str) -> None:
    os.setxattr(path, "security.selinux", f"{text}\0".encode())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path.resolve() / "pxelinux.0"
    path.write_bytes(b"\0boot")
    label(path, HOME)
    return path


def journalled(file: Path, journal: Journal) -> Entry:
    step = RestoreLabel(path=str(file), label=TFTP, before=HOME, may_lose="x")
    return perform(recorded("i", "2026", "HP001:default", "x", Plan(steps=(step,)), Host()), journal)


def test_a_step_and_its_way_back(file: Path, tmp_path: Path) -> None:
    before = file.stat()
    journal = Journal(tmp_path / "journal")
    done = journalled(file, journal)
    assert [step.state for step in done.steps] == ["done"]
    assert os.getxattr(file, "security.selinux") == f"{TFTP}\0".encode()
    assert journal.read("i") == done

    back = take_back(done, journal)
    assert [step.state for step in back.steps] == ["undone"]
    assert os.getxattr(file, "security.selinux") == f"{HOME}\0".encode()
    after = file.stat()
    assert (file.read_bytes(), after.st_ino, after.st_mtime_ns) == (b"\0boot", before.st_ino, before.st_mtime_ns)


def test_twice_is_once(file: Path) -> None:
    for _ in range(2):
        relabel(Relabel(str(file), TFTP, HOME))
        assert label_now(str(file)) == TFTP


def test_a_folder(tmp_path: Path) -> None:
    folder = str(tmp_path.resolve())
    label(tmp_path, HOME)
    relabel(Relabel(folder, TFTP, HOME))
    assert label_now(folder) == TFTP


def test_somebody_else_labelled_it_since(file: Path, tmp_path: Path) -> None:
    label(file, OTHER)
    with pytest.raises(NotGrantedError, match="somebody changed it since"):
        relabel(Relabel(str(file), TFTP, HOME))
    assert label_now(str(file)) == OTHER

    label(file, HOME)
    journal = Journal(tmp_path / "journal")
    done = journalled(file, journal)
    label(file, OTHER)
    (value,) = met(done.steps[0].undo).values
    assert (value.standing, value.before, value.written, value.now) == ("conflict", HOME, TFTP, OTHER)
    back = take_back(done, journal)
    assert [step.state for step in back.steps] == ["undo-failed"]
    assert OTHER in back.steps[0].why
    assert label_now(str(file)) == OTHER


def test_a_file_without_a_label_is_not_as_it_was_looked_at(file: Path) -> None:
    os.removexattr(file, "security.selinux")
    assert label_now(str(file)) == NO_LABEL
    with pytest.raises(NotGrantedError, match="no label"):
        relabel(Relabel(str(file), TFTP, HOME))


def test_whose_file_it_is_nobody_said(file: Path) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    with pytest.raises(NotGrantedError, match="links are not followed"):
        relabel(Relabel(str(link), TFTP, HOME))
    link.unlink()
    os.link(file, link)
    with pytest.raises(NotGrantedError, match="one name"):
        relabel(Relabel(str(file), TFTP, HOME))
    with pytest.raises(NotGrantedError, match="cannot be opened"):
        relabel(Relabel(str(file.with_name("gone")), TFTP, HOME))
    assert label_now_of(file) == HOME


def label_now_of(path: Path) -> str:
    return os.getxattr(path, "security.selinux").rstrip(b"\0").decode()
