"""Snapshots: written whole and closed to others; read from strangers, whatever they sent."""

import gzip
import json
import os
import stat
import tracemalloc
import zlib
from pathlib import Path

import pytest

from pxedoctor.access.answer import Absent, Failed, Forbidden, Text
from pxedoctor.access.snapshot import FORMAT, VERSION, Snapshot, SnapshotError, read, write

GOOD = Snapshot(
    format=FORMAT,
    version=VERSION,
    tool="pxedoctor 0",
    taken_at="2024-02-03T04:05:06Z",
    answers={
        "read /a": Text("\x1b[31m\u2028ü\0"),
        "list /b": Absent("b"),
        "run c": Failed("f"),
        "link d": Forbidden("g"),
    },
)


def packed(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "stranger.snapshot"
    path.write_bytes(gzip.compress(content))
    return str(path)


def document(**changes: object) -> bytes:
    fields = {"format": FORMAT, "version": VERSION, "tool": "t", "taken_at": "2024-02-03T04:05:06Z", "answers": {}}
    return json.dumps(fields | changes).encode()


def refused(path: str) -> SnapshotError:
    with pytest.raises(SnapshotError) as caught:
        read(path)
    assert caught.value.would_help
    return caught.value


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = str(tmp_path / "host.snapshot")
    write(path, GOOD)
    assert read(path) == GOOD


def test_it_is_closed_to_others_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    write(str(tmp_path / "host.snapshot"), GOOD)
    assert [path.name for path in tmp_path.iterdir()] == ["host.snapshot"]
    assert stat.S_IMODE((tmp_path / "host.snapshot").stat().st_mode) == 0o600


def test_a_folder_with_one_snapshot_in_it(tmp_path: Path) -> None:
    write(str(tmp_path / "host.snapshot"), GOOD)
    assert read(str(tmp_path)) == GOOD


def test_a_folder_with_more_in_it(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(str(tmp_path / name), GOOD)
    assert "2 entries" in refused(str(tmp_path)).message


@pytest.mark.parametrize("where", ["missing/host.snapshot", "folder", "pipe", "link-to-null"])
def test_places_where_nothing_is_written(tmp_path: Path, where: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link-to-null").symlink_to("/dev/null")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(SnapshotError):
        write(str(tmp_path / where), GOOD)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_a_link_is_refused_and_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "host.snapshot").symlink_to(victim)
    with pytest.raises(SnapshotError, match="is there already and is a link"):
        write(str(tmp_path / "host.snapshot"), GOOD)
    assert victim.read_text() == "mine"
    assert (tmp_path / "host.snapshot").is_symlink()


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/proc/self/mem", "/nowhere/x", "", "a\0b"])
def test_what_is_no_file(path: str) -> None:
    refused(path)


def test_a_pipe_does_not_hold_us_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "not a file" in refused(str(tmp_path / "pipe")).message


@pytest.mark.parametrize("content", [b"", b"hello", b"\x1f\x8b", b"PK\x03\x04", b"\x1f\x8b\x08" + b"\0" * 100])
def test_what_is_not_packed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "f"
    path.write_bytes(content)
    refused(str(path))


def test_ten_gigabytes_of_zeros(tmp_path: Path) -> None:
    """Sparse, so that it costs no disk: it is refused at its first bytes."""
    path = tmp_path / "zeros"
    with path.open("wb") as file:
        file.truncate(10_000_000_000)
    refused(str(path))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """Ten gigabytes of zeros in ten megabytes: the same packed block, ten thousand times in one stream."""
    packer = zlib.compressobj(wbits=31)
    start = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    path = tmp_path / "bomb"
    path.write_bytes(start + block * 9_999 + packer.flush())
    tracemalloc.start()
    error = refused(str(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "unpacks to more than 128 MiB" in error.message
    assert peak < 400_000_000


def test_many_members_are_not_unpacked_at_all(tmp_path: Path) -> None:
    path = tmp_path / "members"
    path.write_bytes(gzip.compress(bytes(1000)) * 10_000)
    assert "goes on after its end" in refused(str(path)).message


@pytest.mark.parametrize("kept", [1, 10, 0.5, 0.99])
def test_cut_short(tmp_path: Path, kept: float) -> None:
    whole = tmp_path / "whole"
    write(str(whole), GOOD)
    content = whole.read_bytes()
    cut = tmp_path / "cut"
    cut.write_bytes(content[: int(kept if kept >= 1 else len(content) * kept)])
    refused(str(cut))


def test_a_bit_that_was_flipped(tmp_path: Path) -> None:
    write(str(tmp_path / "f"), GOOD)
    content = bytearray((tmp_path / "f").read_bytes())
    content[len(content) // 2] ^= 0x40
    (tmp_path / "f").write_bytes(content)
    refused(str(tmp_path / "f"))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"{}", id="another format"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="nothing"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(document(format="tar"), id="another program's"),
        pytest.param(document(version=2), id="a later version"),
        pytest.param(document(version="1"), id="a version that is a word"),
        pytest.param(document(version=10**400), id="a version beyond all numbers"),
        pytest.param(document(answers=[]), id="answers in a list"),
        pytest.param(document(answers={"read /a": "text"}), id="an answer without a kind"),
        pytest.param(document(answers={"read /a": {"type": "text", "text": 5}}), id="a number for a text"),
        pytest.param(document(answers={"read /a": {"type": "exec", "text": "x"}}), id="a kind nobody knows"),
        pytest.param(document(taken_at="\x1b[2J"), id="a time that clears the screen"),
        pytest.param(document(taken_at="yesterday"), id="a time that is none"),
        pytest.param(b'{"format":' + b"[" * 1_000_000, id="a million brackets"),
        pytest.param(document()[:-1] + b',"x":' + b'{"a":' * 200_000, id="deep where nobody looks"),
        pytest.param(document(tool="t").replace(b'"t"', b'"\\ud800"'), id="half a character"),
    ],
)
def test_contents_of_a_stranger(tmp_path: Path, content: bytes) -> None:
    refused(packed(tmp_path, content))


def test_a_later_version_says_what_would_help(tmp_path: Path) -> None:
    error = refused(packed(tmp_path, document(version=2)))
    assert "version 2" in error.message
    assert "use the pxedoctor that wrote it" in error.would_help


def test_questions_that_look_like_paths_stay_questions(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    answers = {f"read {tmp_path}/../{tmp_path.name}/victim": {"type": "text", "text": "theirs"}}
    read(packed(tmp_path, document(answers=answers)))
    assert victim.read_text() == "mine"
