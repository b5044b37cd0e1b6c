"""Which program it was, of a process that has long ended."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pxedoctor.watch.exec_events import ExecEvents


@pytest.fixture
def programs() -> Iterator[ExecEvents]:
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    events = ExecEvents(proc)
    yield events
    events.close()
    os.close(proc)


def ended(*argv: str) -> int:
    process = subprocess.Popen(argv)
    process.wait()
    return process.pid


def test_a_program_that_is_gone_is_known_by_its_file(programs: ExecEvents) -> None:
    pid = ended("/bin/true")
    programs.drain()
    assert [os.path.basename(path) for path in programs.begun(pid)] == ["true"]
    assert programs.begun(pid) == (), "it is told once: the pid may be another's by now"


def test_a_script_is_known_with_its_interpreter(programs: ExecEvents, tmp_path: Path) -> None:
    script = tmp_path / "hardening"
    script.write_text("#!/bin/sh\nexit 0\n")
    script.chmod(0o755)
    interpreter, name = programs.begun(ended(str(script)))
    assert os.path.basename(interpreter) in {"dash", "bash", "sh"}
    assert name == str(script)


def test_a_name_that_is_no_text_can_be_told(programs: ExecEvents, tmp_path: Path) -> None:
    script = os.fsencode(tmp_path) + b"/h\xffrdening"
    Path(os.fsdecode(script)).write_text("#!/bin/sh\nexit 0\n")
    os.chmod(script, 0o755)
    process = subprocess.Popen([script])
    process.wait()
    told = " ".join(programs.begun(process.pid))
    assert told.endswith("/h\\xffrdening")
    assert told.encode()
