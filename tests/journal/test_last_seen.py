"""When a keeper was here last: written whole, root's only; what nobody understands is as none."""

from pathlib import Path

from pxedoctor.journal.last_seen import LastSeen, read, write


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "state" / "keeper.json"
    seen = LastSeen(time="2026-02-03T04:05:06.000Z", boot="abc", generation=7)
    write(LastSeen(time="2026-02-03T04:05:00.000Z"), file)
    write(seen, file)
    assert read(file) == seen
    assert file.stat().st_mode & 0o777 == 0o600


def test_nothing_and_nonsense_are_none(tmp_path: Path) -> None:
    file = tmp_path / "keeper.json"
    assert read(file) is None
    file.write_text('{"time": 5')
    assert read(file) is None


def test_a_link_that_somebody_laid_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / "keeper.new").symlink_to(tmp_path / "theirs")
    write(LastSeen(time="2026-02-03T04:05:06.000Z"), tmp_path / "keeper.json")
    assert (tmp_path / "theirs").read_text() == "theirs"
