"""Whom permission bits let in: owner, group and the others, root, and those who demand more than the kernel does."""

import pytest

from pxedoctor.model.boot_file import BootFile, Entry, Kind
from pxedoctor.model.fact import Missing
from pxedoctor.model.process import Process
from pxedoctor.road.file_reading import Closed, Gone, Readable, reading


def entry(path: str, mode: int, kind: Kind = "folder", **changes: object) -> Entry:
    values: dict[str, object] = {"path": path, "kind": kind, "mode": mode, "uid": 0, "gid": 0}
    return Entry(**(values | changes))  # type: ignore[arg-type]


def file(*entries: Entry, **changes: object) -> BootFile:
    values: dict[str, object] = {"path": "/srv/boot.0", "real": "/srv/boot.0", "entries": (entry("/", 0o755), *entries)}
    return BootFile(**(values | changes))  # type: ignore[arg-type]


def server(uid: int | None = 65534, gids: tuple[int, ...] = (65534,), name: str = "dnsmasq") -> Process:
    return Process(pid=9, parent=1, state="S", name=name, command="", uid=uid, gids=gids)


SRV = entry("/srv", 0o755)


@pytest.mark.parametrize(
    ("folder", "own", "who"),
    [
        (SRV, entry("/srv/boot.0", 0o644, "file"), server()),
        (SRV, entry("/srv/boot.0", 0o600, "file", uid=65534), server()),
        (SRV, entry("/srv/boot.0", 0o640, "file", gid=7), server(gids=(65534, 7))),
        (entry("/srv", 0o700), entry("/srv/boot.0", 0o644, "file"), server(uid=0)),
        (entry("/srv", 0o711), entry("/srv/boot.0", 0o644, "file"), server(name="in.tftpd", uid=0)),
    ],
    ids=["everybody", "the owner", "a member of the group", "root passes every folder", "tftpd: everybody may read"],
)
def test_readable(folder: Entry, own: Entry, who: Process) -> None:
    assert isinstance(reading(file(folder, own), who), Readable)


@pytest.mark.parametrize(
    ("folder", "own", "who", "refuses"),
    [
        (SRV, entry("/srv/boot.0", 0o600, "file"), server(), "/srv/boot.0"),
        (entry("/srv", 0o700), entry("/srv/boot.0", 0o644, "file"), server(), "/srv"),
        (entry("/srv", 0o744), entry("/srv/boot.0", 0o644, "file"), server(), "/srv"),
        (SRV, entry("/srv/boot.0", 0o077, "file", uid=65534), server(), "/srv/boot.0"),
        (SRV, entry("/srv/boot.0", 0o640, "file"), server(uid=0), "/srv/boot.0"),
        (SRV, entry("/srv/boot.0", 0o640, "file", gid=65534), server(name="in.tftpd"), "/srv/boot.0"),
    ],
    ids=["nobody else", "a closed folder", "a folder to list only", "its owner is shut out", "root", "tftpd"],
)
def test_closed(folder: Entry, own: Entry, who: Process, refuses: str) -> None:
    found = reading(file(folder, own), who)
    assert isinstance(found, Closed)
    assert [entry.path for entry in found.refusing] == [refuses]


def test_gone() -> None:
    found = reading(file(SRV, absent="/srv/boot.0"), server(uid=None))
    assert isinstance(found, Gone)
    assert found.path == "/srv/boot.0"


@pytest.mark.parametrize(
    ("known", "who"),
    [
        (file(unknown="/srv may not be read"), server()),
        (file(SRV, entry("/srv/boot.0", 0o644, "file")), server(uid=None)),
        (file(SRV, entry("/srv/boot.0", 0o600, "file", acl=True)), server()),
    ],
    ids=["not looked at", "as whom it runs", "an ACL decides"],
)
def test_not_known(known: BootFile, who: Process) -> None:
    assert isinstance(reading(known, who), Missing)
