"""The journal's files: whole or not at all, one treatment at a time, and what is damaged is named."""

import multiprocessing
import os
import stat
from pathlib import Path

import msgspec
import pytest

from pxedoctor.journal.store import Journal, JournalError
from pxedoctor.plans.record import JOURNAL_VERSION, Entry, Recorded
from pxedoctor.plans.request import EditDefinition, Run, Service
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Inverse, Nothing


def entry(entry_id: str = "20240101T000000Z-aaaa", **changes: object) -> Entry:
    steps = (
        Recorded(
            describe="first",
            argv=("true",),
            request=Run(("true",)),
            undo=Inverse("back", ("false",), Run(("false",)), only_if_no_ports="br0"),
            state="done",
        ),
        Recorded(describe="second", argv=("x",), request=Service("libvirtd", "restart"), undo=Nothing("no way back")),
        Recorded(
            describe="third",
            argv=("virsh", "edit"),
            request=EditDefinition("domain", "g", "/domain", "x", (("a", None), ("b", "c"))),
            undo=Nothing("none"),
            state="failed",
            why="\x1b[31mred",
        ),
    )
    values: dict[str, object] = {
        "version": JOURNAL_VERSION,
        "id": entry_id,
        "started": "2024-01-01T00:00:00Z",
        "finding": "BR001:br0",
        "headline": "h",
        "steps": steps,
        "safety": Safety.RISKY,
    }
    return Entry(**(values | changes))  # type: ignore[arg-type]


def refused(journal: Journal, entry_id: str) -> JournalError:
    with pytest.raises(JournalError) as caught:
        journal.read(entry_id)
    assert caught.value.would_help
    return caught.value


def test_what_was_written_is_read(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a" / "journal")
    journal.write(entry())
    assert journal.read(entry().id) == entry()
    assert journal.entries() == (entry(),)


def test_a_later_state_takes_the_place_of_the_earlier(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write(entry())
    journal.write(entry(outcome="verified"))
    assert [found.outcome for found in journal.entries()] == ["verified"]
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json"]


def test_it_is_roots_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.write(entry())
    assert stat.S_IMODE(journal.folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in journal.folder.iterdir()] == [0o600]


def test_the_oldest_comes_first(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for name in ("20240102T000000Z-0000", "20230102T000000Z-ffff"):
        journal.write(entry(name))
    assert [found.id for found in journal.entries()] == ["20230102T000000Z-ffff", "20240102T000000Z-0000"]


def test_ids_of_one_second_are_in_the_order_of_their_treatments(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    made = []
    for _ in range(8):
        made.append(journal.new_id("2024-01-01T00:00:00Z"))
        journal.write(entry(made[-1]))
    assert [each.id for each in journal.entries()] == made
    assert journal.new_id("2024-01-01T00:00:01Z") > made[-1]


def test_an_empty_journal(tmp_path: Path) -> None:
    assert Journal(tmp_path / "none").entries() == ()
    assert "no treatment" in refused(Journal(tmp_path / "none"), "x").message


@pytest.mark.parametrize("entry_id", ["../x", "/etc/passwd", "a/b", "", ".", "a\0b", "x" * 5000])
def test_ids_that_lead_elsewhere(tmp_path: Path, entry_id: str) -> None:
    journal = Journal(tmp_path / "journal")
    journal.write(entry())
    (tmp_path / "x.json").write_bytes(msgspec.json.encode(entry("x")))
    assert "no treatment" in refused(journal, entry_id).message


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"version": 1}'])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    journal = Journal(tmp_path)
    journal.write(entry())
    (tmp_path / "bad.json").write_bytes(content)
    assert "bad.json" in refused(journal, "bad").message
    with pytest.raises(JournalError, match=r"bad\.json"):
        journal.entries()


def test_a_file_of_another_treatment_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_bytes(msgspec.json.encode(entry("../../../etc/cron.d/theirs")))
    assert "holds another treatment" in refused(Journal(tmp_path), "mine").message


def test_a_later_version_is_named(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write(entry(version=JOURNAL_VERSION + 1))
    assert "version" in refused(journal, entry().id).message


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    journal = Journal(tmp_path / "file" / "journal")
    with pytest.raises(JournalError, match="cannot be written"):
        journal.write(entry())
    with pytest.raises(JournalError, match="cannot be used"), journal.locked():
        pytest.fail("it was locked")


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    """/dev/full takes no byte: the half written file is not the entry's."""
    journal = Journal(tmp_path)
    journal.write(entry())
    (tmp_path / f"{entry().id}.new").symlink_to("/dev/full")
    with pytest.raises(JournalError):
        journal.write(entry(outcome="verified"))
    assert journal.read(entry().id) == entry()


def _hold(folder: str, held: "multiprocessing.synchronize.Event", done: "multiprocessing.synchronize.Event") -> None:
    with Journal(Path(folder)).locked():
        held.set()
        done.wait(30)


def test_one_treatment_at_a_time(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    held, done = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(str(tmp_path), held, done))
    other.start()
    assert held.wait(30)
    with pytest.raises(JournalError, match="another pxedoctor"), Journal(tmp_path).locked():
        pytest.fail("it was locked twice")
    done.set()
    other.join()
    with Journal(tmp_path).locked():
        assert os.listdir(tmp_path) == [".lock"]


def _as_nobody(folder: str, said: "multiprocessing.connection.Connection") -> None:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    try:
        said.send(str(Journal(Path(folder)).entries()))
    except JournalError as error:
        said.send(error.would_help)


def test_a_plain_user_is_not_told_that_nothing_was_done(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.write(entry())
    for folder in (tmp_path, *tmp_path.parents[:-1]):
        if folder != Path("/tmp"):
            folder.chmod(0o755)
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=_as_nobody, args=(str(journal.folder), theirs))
    child.start()
    child.join()
    assert ours.recv() == "run it as root"


def test_what_was_cut_off(tmp_path: Path) -> None:
    """A treatment without an outcome of which something stands; one that never began anything is none."""
    journal = Journal(tmp_path / "journal")
    assert journal.cut_off() is None
    journal.write(entry("a", outcome="verified"))
    journal.write(entry("b", outcome="", steps=()))
    assert journal.cut_off() is None
    journal.write(entry("c", outcome=""))
    found = journal.cut_off()
    assert found is not None
    assert found.id == "c"
