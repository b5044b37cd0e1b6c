"""Programs that build a machine say in their own words why they failed, and what would help."""

import pytest

from pxedoctor.lab.ground.error import GroundError
from pxedoctor.lab.machine import programs


def test_a_failure_is_told_in_its_own_words() -> None:
    with pytest.raises(GroundError) as told:
        programs.run("sh", "-c", "echo no route to the mirror >&2; exit 3", failing="no packages", would_help="wait")
    assert told.value.message == "no packages: no route to the mirror"
    assert told.value.would_help == "wait"


def test_a_program_that_is_not_here_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(GroundError, match="mmdebstrap, qemu-img"):
        programs.require_programs()
