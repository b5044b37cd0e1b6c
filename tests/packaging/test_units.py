"""The keeper's unit, judged by systemd's own checkers."""

import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).resolve().parents[2] / "packaging" / "systemd"
DOCS = UNITS.parents[1] / "docs" / "watch.md"
SERVICE = UNITS / "pxedoctor-watch.service"
# `systemd-analyze security`, from 0 (safe) to 10: what CAP_SYS_ADMIN and packet sockets cost is 3.7 today.
MOST_EXPOSED = "4.0"


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit as it would be installed; the command itself need not be there."""
    folder = tmp_path / "system"
    folder.mkdir()
    installed = folder / SERVICE.name
    installed.write_text(SERVICE.read_text().replace("/usr/bin/pxedoctor", "/bin/true"))
    return installed


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(("systemd-analyze", *words), capture_output=True, text=True, check=False, timeout=60)


def test_systemd_has_nothing_to_say_against_the_unit(unit: Path) -> None:
    done = analyze("verify", str(unit))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_systemd_has_nothing_to_say_against_the_drop_in(unit: Path) -> None:
    dropin = unit.with_name(f"{SERVICE.name}.d")
    dropin.mkdir()
    text = (UNITS / "repair.conf").read_text().replace("/usr/bin/pxedoctor", "/bin/true")
    (dropin / "repair.conf").write_text(text)
    done = analyze("verify", str(unit))
    assert (done.returncode, done.stderr) == (0, "")


def test_the_sandbox_is_no_wider_than_it_was(unit: Path) -> None:
    threshold = str(int(float(MOST_EXPOSED) * 10))
    done = analyze("security", "--offline=true", f"--threshold={threshold}", str(unit))
    assert done.returncode == 0, done.stdout[-400:]
    # Its last sign is a face.
    shown = done.stdout.splitlines()[-1].rstrip(" 🙂😀🙁😐")
    assert f"\n{shown}\n" in DOCS.read_text(encoding="utf-8"), "docs/watch.md shows what it is"
