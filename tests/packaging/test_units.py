"""The keeper's unit, judged by systemd's own checkers."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

UNITS = Path(__file__).resolve().parents[2] / "packaging" / "systemd"
DOCS = UNITS.parents[1] / "docs" / "watch.md"
SERVICE = UNITS / "pxedoctor-watch.service"
# `systemd-analyze security`, from 0 (safe) to 10: what two wide capabilities and packet sockets cost is 4.0 today.
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


@pytest.fixture
def stranger() -> Iterator[int]:
    """A daemon that is not root's, as dnsmasq is not."""
    argv = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sleep", "60")
    with subprocess.Popen(argv) as process:
        yield process.pid
        process.kill()


@pytest.mark.lab
def test_with_the_units_capabilities_it_sees_whose_network_a_daemon_has(stranger: int) -> None:
    bounding = re.search("(?m)^CapabilityBoundingSet=(.*)$", SERVICE.read_text())
    assert bounding is not None
    kept = ",".join(f"+{word.removeprefix('CAP_').lower()}" for word in bounding[1].split())
    argv = ("setpriv", f"--bounding-set=-all,{kept}", "--inh-caps=-all", "readlink", f"/proc/{stranger}/ns/net")
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("net:["), done.stderr


def test_the_sandbox_is_no_wider_than_it_was(unit: Path) -> None:
    threshold = str(int(float(MOST_EXPOSED) * 10))
    done = analyze("security", "--offline=true", f"--threshold={threshold}", str(unit))
    assert done.returncode == 0, done.stdout[-400:]
    # Its last sign is a face.
    shown = done.stdout.splitlines()[-1].rstrip(" 🙂😀🙁😐")
    assert f"\n{shown}\n" in DOCS.read_text(encoding="utf-8"), "docs/watch.md shows what it is"
