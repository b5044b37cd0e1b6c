"""The machine itself: real files, real programs, and each way in which they can refuse."""

import os
import sys
from pathlib import Path

import pytest

from pxedoctor.access.answer import Absent, Failed, Forbidden, Text
from pxedoctor.access.live import LiveHost

HOST = LiveHost()


def test_a_program_that_prints() -> None:
    assert HOST.run(("printf", "hello")) == Text("hello")


def test_a_program_that_is_not_there() -> None:
    assert HOST.run(("no-such-program-here",)) == Absent("no-such-program-here is not installed")


def test_python_is_the_one_that_runs_this(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands in the PATH: version managers put a script there that costs eight times as much."""
    shim = tmp_path / "python3"
    shim.write_text("#!/bin/sh\necho another\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = LiveHost().run(("python3", "-IS", "-c", "import sys; print(sys.version)"))
    assert answer == Text(f"{sys.version}\n")


def test_a_program_that_fails_is_quoted() -> None:
    answer = HOST.run(("sh", "-c", "echo first >&2; echo last words >&2; exit 3"))
    assert answer == Failed("sh ended with 3: last words")


def test_a_program_that_is_refused() -> None:
    answer = HOST.run(("sh", "-c", "echo 'Operation not permitted' >&2; exit 1"))
    assert isinstance(answer, Forbidden)


def test_a_file_that_may_not_be_run(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o644)
    assert isinstance(HOST.run((str(program),)), Forbidden)


def test_programs_run_in_the_c_locale_and_without_input() -> None:
    assert HOST.run(("sh", "-c", "echo $LC_ALL; cat")) == Text("C\n")


def test_bytes_that_are_no_text_are_shown() -> None:
    assert HOST.run(("printf", r"\377")) == Text(r"\xff")


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"a\xffb\n")
    assert HOST.read(str(tmp_path / "f")) == Text("a\\xffb\n")


def test_procfs_which_tells_no_size() -> None:
    answer = HOST.read("/proc/self/stat")
    assert isinstance(answer, Text)
    assert answer.text.startswith(str(os.getpid()))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert isinstance(HOST.read(str(tmp_path / "none")), Absent)
    assert isinstance(HOST.read(str(tmp_path / "none" / "below")), Absent)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert isinstance(HOST.read(str(tmp_path)), Failed)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_no_file(device: str) -> None:
    assert HOST.read(device) == Failed(f"{device}: not a file")


def test_a_pipe_without_a_writer_does_not_hold_us_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert isinstance(HOST.read(str(tmp_path / "pipe")), Failed)


def test_a_file_of_a_hundred_megabytes_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(100_000_000)
    answer = HOST.read(str(tmp_path / "big"))
    assert isinstance(answer, Failed)
    assert "larger than" in answer.why


def test_a_folder_is_listed_in_order(tmp_path: Path) -> None:
    for name in "cab":
        (tmp_path / name).touch()
    assert HOST.list(str(tmp_path)) == Text("a\nb\nc")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert isinstance(HOST.list(str(tmp_path / "none")), Absent)


def test_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/somewhere/else")
    assert HOST.readlink(str(tmp_path / "link")) == Text("/somewhere/else")


def test_what_is_no_link(tmp_path: Path) -> None:
    assert isinstance(HOST.readlink(str(tmp_path)), Failed)
    assert isinstance(HOST.readlink(str(tmp_path / "none")), Absent)


@pytest.mark.parametrize("path", ["/a\0b", "/" + "n" * 5000])
def test_paths_that_no_kernel_takes(path: str) -> None:
    assert isinstance(HOST.read(path), Failed)
    assert isinstance(HOST.list(path), Failed)
    assert isinstance(HOST.readlink(path), Failed)
