"""Archives from strangers: each form that tar writes, and each way in which one can be harmful or broken."""

import bz2
import contextlib
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pxedoctor.access.saved.archive import Archive, Limits, is_tar, read_archive
from pxedoctor.access.saved.tree import File, Folder, find
from pxedoctor.access.snapshot import SnapshotError

LONG = "d" * 90 + "/" + "e" * 120 + "/f"


def entry(name: str, content: bytes = b"text", kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mtime = kind, target, 1000
    info.size = len(content) if kind == tarfile.REGTYPE else 0
    return info


def packed(*entries: tarfile.TarInfo, form: int = tarfile.GNU_FORMAT) -> bytes:
    """An archive by Python's own tar; every plain file in it holds `text`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as tar:
        for info in entries:
            tar.addfile(info, io.BytesIO(b"text" * (info.size // 4)))
    return buffer.getvalue()


def read(content: bytes, limits: Limits | None = None, wanted: Callable[[tuple[str, ...]], bool] = bool) -> Archive:
    return read_archive("x.tar", io.BytesIO(content), wanted, limits or Limits())


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_every_form(form: int, pack: Callable[[bytes], bytes]) -> None:
    name = "a/b" if form == tarfile.USTAR_FORMAT else LONG
    content = pack(packed(entry(name), entry("z/ä"), form=form))
    assert is_tar(io.BytesIO(content))
    tree = read(content)
    assert find(tree, name) == find(tree, "z/ä") == File(b"text")
    assert tree.newest == 1000


def test_the_folder_that_everything_is_in_is_left_out() -> None:
    top = entry("sosreport-x", kind=tarfile.DIRTYPE)
    tree = read(packed(top, entry("sosreport-x/etc/hosts"), entry("sosreport-x/proc/net", kind=tarfile.DIRTYPE)))
    assert find(tree, "/etc/hosts") == File(b"text")
    assert find(tree, "/proc/net") == Folder(())


def test_several_streams_one_after_the_other() -> None:
    content = packed(entry("a/b"), entry("a/c"))
    assert find(read(gzip.compress(content[:700]) + gzip.compress(content[700:])), "/c") == File(b"text")


def test_links_stay_inside() -> None:
    tree = read(
        packed(
            entry("x/etc/real"),
            entry("x/etc/soft", kind=tarfile.SYMTYPE, target="../../../etc/real"),
            entry("x/etc/hard", kind=tarfile.LNKTYPE, target="x/etc/real"),
            entry("x/etc/passwd", kind=tarfile.SYMTYPE, target="/etc/passwd"),
            entry("x/etc/elsewhere", kind=tarfile.LNKTYPE, target="/etc/passwd"),
        )
    )
    assert find(tree, "/etc/soft") == find(tree, "/etc/hard") == File(b"text")
    assert find(tree, "/etc/passwd") is None
    assert find(tree, "/etc/elsewhere") is None


@pytest.mark.parametrize("name", ["x/../../etc/passwd", "../etc/passwd", "x/.."])
def test_a_name_that_climbs_is_passed_over(name: str) -> None:
    tree = read(packed(entry(name), entry("x/ok")))
    assert find(tree, "/ok") == File(b"text")
    assert find(tree, "/etc/passwd") is None


def test_devices_and_pipes_are_passed_over() -> None:
    kinds = (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)
    tree = read(packed(*(entry(f"x/dev{kind[0]}", kind=kind) for kind in kinds), entry("x/ok")))
    assert find(tree, "/") == Folder(("ok",))


def test_what_nobody_asks_for_is_known_by_name_only() -> None:
    tree = read(packed(entry("x/kept"), entry("x/core")), wanted=lambda parts: parts[-1] == "kept")
    assert find(tree, "/kept") == File(b"text")
    left = find(tree, "/core")
    assert isinstance(left, File)
    assert left.content is None


@pytest.mark.parametrize("limits", [Limits(file=3), Limits(kept=3)])
def test_a_file_that_is_too_large_is_not_kept(limits: Limits) -> None:
    found = find(read(packed(entry("x/a"), entry("x/b")), limits), "/a")
    assert isinstance(found, File)
    assert found.content is None
    assert "too large" in found.why


@pytest.mark.parametrize(
    ("content", "limits", "why"),
    [
        pytest.param(packed(*(entry(f"x/{n}") for n in range(9))), Limits(members=5), "members", id="too many members"),
        pytest.param(
            gzip.compress(packed(entry("x/a", b"0" * 4096))), Limits(unpacked=4096), "unpacks to", id="a bomb"
        ),
        pytest.param(packed(entry("x/a"))[:700], None, "ends in the middle", id="cut short"),
        pytest.param(packed(entry("x/a"))[:1024], None, "ends in the middle", id="without its end"),
        pytest.param(gzip.compress(packed(entry("x/a")))[:-20], None, "is damaged", id="a damaged stream"),
        pytest.param(b"\xfd7zXZ\0" + b"\0" * 600, None, "is damaged", id="xz in name only"),
        pytest.param(b"\x1f\x8b" + b"\0" * 600, None, "is damaged", id="gzip in name only"),
        pytest.param(b"BZh9" + b"\0" * 600, None, "is damaged", id="bzip2 in name only"),
        pytest.param(b"no archive at all " * 100, None, "neither a snapshot nor an archive", id="a text"),
        pytest.param(b"", None, "ends in the middle", id="nothing"),
    ],
)
def test_what_is_refused(content: bytes, limits: Limits | None, why: str) -> None:
    with pytest.raises(SnapshotError, match=why):
        read(content, limits)


def test_a_pax_header_with_a_size_of_a_thousand_digits() -> None:
    info = entry("x/a")
    info.pax_headers = {"size": "9" * 5000}
    assert find(read(packed(info, form=tarfile.PAX_FORMAT)), "/a") == File(b"text")


def test_a_header_that_claims_a_name_of_a_gigabyte() -> None:
    info = entry("x/a", kind=tarfile.GNUTYPE_LONGNAME)
    info.size = 1 << 30
    with pytest.raises(SnapshotError, match="a name of"):
        read(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 4096)


_WHOLE = packed(entry("x/a"), entry(LONG), entry("x/l", kind=tarfile.SYMTYPE, target="a"))


@given(at=st.integers(0, len(_WHOLE) - 1), byte=st.integers(0, 255))
@settings(max_examples=200, deadline=None)
def test_one_changed_byte_gives_a_tree_or_an_error(at: int, byte: int) -> None:
    content = bytearray(_WHOLE)
    content[at] = byte
    with contextlib.suppress(SnapshotError):
        find(read(bytes(content)), "/x/l")


@given(st.binary(max_size=2000))
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_a_tree_or_an_error(content: bytes) -> None:
    with contextlib.suppress(SnapshotError):
        read(content)
