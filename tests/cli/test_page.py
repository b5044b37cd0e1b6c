"""--html as typed: one file, whole or not at all, beside the report on the terminal."""

import subprocess
import sys
from pathlib import Path

import pytest

from pxedoctor.access.snapshot import FORMAT, VERSION, Snapshot, write
from recorded import BRIDGE, running_guest


@pytest.fixture
def saved(tmp_path: Path) -> str:
    path = str(tmp_path / "host.snapshot")
    answers = running_guest()
    write(path, Snapshot(format=FORMAT, version=VERSION, tool="t", taken_at="2024-02-03T04:05:06Z", answers=answers))
    return path


def doctor(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "pxedoctor", *words], check=False, capture_output=True, text=True, timeout=60
    )


def test_a_page_is_written_beside_the_report(saved: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = doctor("diagnose", "--from", saved, "--html", str(page))
    assert done.returncode == 1
    assert f"{BRIDGE} keeps a new port silent" in done.stdout
    assert f"{page}: written" in done.stderr
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert f"{BRIDGE} keeps a new port silent" in text
    assert "list /sys/class/net" in text


def test_a_link_in_its_place_is_left_alone(saved: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.symlink_to(tmp_path / "elsewhere")
    done = doctor("diagnose", "--from", saved, "--html", str(page), "--json")
    assert done.returncode == 2
    assert "is there already and is a link" in done.stdout
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_not_there_is_named(saved: str, tmp_path: Path) -> None:
    done = doctor("diagnose", "--from", saved, "--html", str(tmp_path / "no" / "page.html"))
    assert done.returncode == 2
    assert "choose another --html FILE" in done.stderr


def test_jinja_is_imported_only_to_draw(saved: str) -> None:
    words = "import sys; from pxedoctor.cli import main; main()"
    code = f"import atexit, sys; atexit.register(lambda: print('jinja2' in sys.modules, file=sys.stderr)); {words}"
    done = subprocess.run(
        [sys.executable, "-c", code, "diagnose", "--from", saved], check=False, capture_output=True, text=True
    )
    assert done.stderr.strip().endswith("False")
