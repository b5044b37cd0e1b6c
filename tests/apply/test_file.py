"""Configuration files changed for real: whole or not at all, everything about them kept, and each failure told."""

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from pxedoctor.access.redact import without_keys
from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.file import edit_file, remove_file, write_file
from pxedoctor.plans.hunks import backwards, between
from pxedoctor.plans.request import EditFile, RemoveFile, WriteFile

BEFORE = "# Ann's file\ndelay=15\nother=1\n"
AFTER = BEFORE.replace("15", "2")
YES, NO = ("true",), ("sh", "-c", "echo 'line 2: no such key' >&2; exit 3")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "br0.conf"
    made.write_text(BEFORE)
    return made


def edit(path: Path, *then: tuple[str, ...]) -> EditFile:
    return EditFile(path=str(path), hunks=between(BEFORE, AFTER), then=then)


def undo(path: Path, *then: tuple[str, ...]) -> EditFile:
    return EditFile(path=str(path), hunks=backwards(between(BEFORE, AFTER)), then=then, undoing=True)


def picture(path: Path) -> tuple[object, ...]:
    about = path.stat()
    attributes = {name: os.getxattr(path, name) for name in os.listxattr(path)}
    return path.read_bytes(), stat.S_IMODE(about.st_mode), about.st_uid, about.st_gid, attributes


def alone(file: Path) -> bool:
    """Nothing was left beside it."""
    return os.listdir(file.parent) == [file.name]


def test_done_and_undone_to_the_byte(file: Path) -> None:
    os.chmod(file, 0o640)
    os.setxattr(file, "user.label", b"configuration")
    before = picture(file)
    edit_file(edit(file, YES))
    assert file.read_text() == AFTER
    assert picture(file)[1:] == before[1:]
    edit_file(undo(file))
    assert picture(file) == before
    assert alone(file)


@pytest.mark.lab
def test_owner_label_and_acl_are_kept(file: Path) -> None:
    os.chown(file, 12345, 54321)
    # As SELinux keeps it (security/selinux/hooks.c), with its end.
    os.setxattr(file, "security.selinux", b"system_u:object_r:net_conf_t:s0\0")
    # u::rw-, u:7:r--, g::r--, m::r--, o::---: acl(5) as the kernel keeps it.
    entries = [(1, 6, 0xFFFFFFFF), (2, 4, 7), (4, 4, 0xFFFFFFFF), (16, 4, 0xFFFFFFFF), (32, 0, 0xFFFFFFFF)]
    acl = (2).to_bytes(4, "little") + b"".join(
        tag.to_bytes(2, "little") + mode.to_bytes(2, "little") + who.to_bytes(4, "little") for tag, mode, who in entries
    )
    os.setxattr(file, "system.posix_acl_access", acl)
    before = picture(file)
    edit_file(edit(file))
    assert picture(file)[1:] == before[1:]
    edit_file(undo(file))
    assert picture(file) == before


def test_twice_is_once(file: Path) -> None:
    edit_file(edit(file))
    first = file.stat().st_ino
    edit_file(edit(file))
    assert (file.read_text(), file.stat().st_ino) == (AFTER, first)
    edit_file(undo(file))
    edit_file(undo(file))
    assert file.read_text() == BEFORE


def test_bytes_that_are_no_utf8_stay(file: Path) -> None:
    odd = BEFORE.encode() + b"name=caf\xe9\r\n\xff\n"
    file.write_bytes(odd)
    edit_file(edit(file))
    assert file.read_bytes() == odd.replace(b"15", b"2")


def test_a_file_that_changed_since_is_left_alone(file: Path) -> None:
    file.write_text(BEFORE.replace("15", "20"))
    with pytest.raises(NotGrantedError, match=r"changed since it was looked at: line 2 is 'delay=20', not 'delay=15'"):
        edit_file(edit(file))
    assert file.read_text() == BEFORE.replace("15", "20")


def test_an_undo_keeps_what_others_wrote_and_tells_a_conflict(file: Path) -> None:
    edit_file(edit(file))
    file.write_text(f"# Bob was here\n{AFTER}last=1\n")
    edit_file(undo(file))
    assert file.read_text() == f"# Bob was here\n{BEFORE}last=1\n"
    file.write_text(BEFORE.replace("15", "7"))
    with pytest.raises(
        NotGrantedError, match=r"by somebody else since: line 2 is 'delay=7'.*'delay=2' becomes 'delay=15'"
    ):
        edit_file(undo(file))


def test_a_secret_beside_the_change_stays_and_is_told_to_nobody(file: Path) -> None:
    """The plan never saw it: its facts have stars in its place."""
    file.write_text(BEFORE.replace("delay=15\n", "psk=hunter2\ndelay=15\n"))
    seen, wanted = without_keys(file.read_text()), without_keys(file.read_text()).replace("15", "2")
    change = EditFile(path=str(file), hunks=between(seen, wanted))
    assert b"hunter2" not in msgspec.json.encode(change)
    edit_file(change)
    assert file.read_text() == BEFORE.replace("delay=15\n", "psk=hunter2\ndelay=2\n")
    edit_file(EditFile(path=str(file), hunks=backwards(change.hunks), undoing=True))
    assert file.read_text() == BEFORE.replace("delay=15\n", "psk=hunter2\ndelay=15\n")
    file.write_text(BEFORE.replace("delay=15\n", "delay=15\npsk=hunter2\n"))
    with pytest.raises(NotGrantedError, match=r"line 2 is 'delay=15', not 'psk=\*") as told:
        edit_file(change)
    assert "hunter2" not in str(told.value)


def test_what_its_own_checker_refuses_is_put_back(file: Path) -> None:
    before = picture(file)
    with pytest.raises(NotGrantedError, match="line 2: no such key"):
        edit_file(edit(file, YES, NO))
    assert picture(file) == before
    assert alone(file)


def test_a_link_is_not_followed(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    folder = tmp_path / "folder"
    folder.symlink_to(tmp_path)
    for path in (link, folder / file.name):
        with pytest.raises(NotGrantedError, match="links are not followed"):
            edit_file(edit(path))
    with pytest.raises(NotGrantedError, match="links are not followed"):
        write_file(WriteFile(path=str(folder / "new"), text="x\n", mode=0o600))
    assert file.read_text() == BEFORE


def test_a_file_with_two_names_and_what_is_no_file(file: Path, tmp_path: Path) -> None:
    os.link(file, tmp_path / "second")
    with pytest.raises(NotGrantedError, match="no plain file with one name"):
        edit_file(edit(file))
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(NotGrantedError):
        edit_file(edit(fifo))
    with pytest.raises(NotGrantedError, match="No such file"):
        edit_file(edit(tmp_path / "gone"))


def test_what_a_crash_left_beside_it_is_cleared_away(file: Path) -> None:
    (file.parent / f".{file.name}.pxedoctor").write_text("half a fi")
    edit_file(undo(file))
    assert file.read_text() == BEFORE
    assert alone(file)


@pytest.mark.lab
def test_an_immutable_file(file: Path) -> None:
    try:
        subprocess.run(["chattr", "+i", str(file)], check=True, capture_output=True)
        with pytest.raises(NotGrantedError, match="immutable"):
            edit_file(edit(file))
        assert file.read_text() == BEFORE
        assert alone(file)
    finally:
        subprocess.run(["chattr", "-i", str(file)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB of its own."""
    where = tmp_path / "disk"
    where.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "small", str(where)], check=True)
    try:
        yield where
    finally:
        subprocess.run(["umount", "-l", str(where)], check=True)


@pytest.mark.lab
def test_a_full_disk(small_disk: Path) -> None:
    file = small_disk / "br0.conf"
    file.write_text(BEFORE)
    subprocess.run(["dd", "if=/dev/zero", f"of={small_disk / 'filler'}", "bs=4k"], check=False, capture_output=True)
    with pytest.raises(NotGrantedError, match="the disk is full"):
        edit_file(edit(file))
    assert file.read_text() == BEFORE
    assert sorted(os.listdir(small_disk)) == ["br0.conf", "filler"]


@pytest.mark.lab
def test_a_read_only_file_system(small_disk: Path) -> None:
    file = small_disk / "br0.conf"
    file.write_text(BEFORE)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(NotGrantedError, match="read-only"):
        edit_file(edit(file))
    with pytest.raises(NotGrantedError, match="read-only"):
        write_file(WriteFile(path=str(small_disk / "x.d" / "new"), text="x\n", mode=0o600))


def test_a_new_file_in_a_new_folder_and_away_again(tmp_path: Path) -> None:
    path = tmp_path / "br0.netdev.d" / "90.conf"
    write = WriteFile(path=str(path), text="[Bridge]\n", mode=0o640, then=(YES,))
    write_file(write)
    write_file(write)
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("[Bridge]\n", 0o640)
    away = RemoveFile(path=str(path), text="[Bridge]\n")
    remove_file(away)
    remove_file(away)
    assert os.listdir(tmp_path) == []


def test_a_new_file_that_is_refused_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "br0.netdev.d" / "90.conf"
    with pytest.raises(NotGrantedError, match="no such key"):
        write_file(WriteFile(path=str(path), text="[Bridge]\n", mode=0o640, then=(NO,)))
    assert os.listdir(tmp_path) == []


def test_somebody_elses_file_is_neither_written_over_nor_removed(tmp_path: Path) -> None:
    path = tmp_path / "90.conf"
    path.write_text("theirs\n")
    with pytest.raises(NotGrantedError, match="says something else"):
        write_file(WriteFile(path=str(path), text="ours\n", mode=0o600))
    with pytest.raises(NotGrantedError, match="left as it is now"):
        remove_file(RemoveFile(path=str(path), text="ours\n"))
    assert path.read_text() == "theirs\n"


def test_a_service_that_cannot_be_restarted_brings_the_file_back(file: Path) -> None:
    before = picture(file)
    with pytest.raises(NotGrantedError):
        edit_file(msgspec.structs.replace(edit(file, YES), restart="pxedoctor-no-such-service"))
    assert picture(file) == before
    assert alone(file)


def test_a_new_file_whose_reader_cannot_be_restarted_is_taken_away(file: Path) -> None:
    path = file.with_name("new.conf")
    with pytest.raises(NotGrantedError):
        write_file(WriteFile(path=str(path), text="a=1\n", mode=0o644, restart="pxedoctor-no-such-service"))
    assert alone(file)


def test_an_undo_that_was_cut_off_before_the_restart_restarts_when_it_is_repeated(file: Path) -> None:
    """The file is as it was already, and its reader may not know."""
    with pytest.raises(NotGrantedError):
        edit_file(msgspec.structs.replace(undo(file), restart="pxedoctor-no-such-service"))
    assert file.read_text() == BEFORE
