"""A boot file's permissions: one bit more, and the mode that it had as the way back."""

from builders import host
from pxedoctor.model.boot_file import BootFile, Entry
from pxedoctor.model.host import Host
from pxedoctor.plans.file_mode import LetOthersIn
from pxedoctor.plans.request import ChangeMode
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Inverse

FILE = Entry(path="/srv/boot.0", kind="file", mode=0o600, uid=0, gid=0)
FOLDER = Entry(path="/srv", kind="folder", mode=0o4750, uid=0, gid=0)
KNOWN = host(boot_files=(BootFile(path="/srv/boot.0", real="/srv/boot.0", entries=(FOLDER, FILE)),))


def modes(known: Host) -> list[int]:
    assert isinstance(known.boot_files, tuple)
    return [entry.mode for entry in known.boot_files[0].entries]


def test_a_file() -> None:
    step = LetOthersIn(entry=FILE)
    assert step.argv() == ("chmod", "o+r", "--", "/srv/boot.0")
    assert step.safety is Safety.SAFE
    after = step.simulate(KNOWN)
    assert isinstance(after, Host)
    assert modes(after) == [0o4750, 0o604]


def test_a_folder_and_its_way_back() -> None:
    step = LetOthersIn(entry=FOLDER)
    assert step.request() == ChangeMode("/srv", 0o4751, 0o4750)
    after = step.simulate(KNOWN)
    assert isinstance(after, Host)
    assert modes(after) == [0o4751, 0o600]
    undo = step.undo(KNOWN)
    assert isinstance(undo, Inverse)
    assert undo.argv == ("chmod", "4750", "--", "/srv")
    assert undo.request == ChangeMode("/srv", 0o4750, 0o4751)
