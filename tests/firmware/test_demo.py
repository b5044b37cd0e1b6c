"""The demo, as a newcomer runs it: three stories that heal, and nothing left when it is interrupted."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.firmware

DEMO = [sys.executable, "-m", "pxedoctor", "lab", "demo", "--i-know"]


def network_of(pid: str) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return ""


def sites_below(pid: str) -> set[str]:
    """Network namespaces of the process' descendants that are not our own."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return set()
    below = {network_of(child) for child in children}.union(*map(sites_below, children))
    return below - {network_of("self"), ""}


def emptied(networks: set[str], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while alive := [path.name for path in Path("/proc").glob("[0-9]*") if network_of(path.name) in networks]:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return not alive


def test_the_three_stories_heal() -> None:
    told = subprocess.run(DEMO, capture_output=True, text=True, check=False)

    assert told.returncode == 0, told.stdout[-2000:] + told.stderr
    assert "040ee119" in told.stdout
    assert "PXEDOCTOR-BOOTED" in told.stdout
    assert "bridge-forward-delay (BR001)" in told.stdout
    assert "libvirt-rules-missing (NF001)" in told.stdout
    assert "dhcp-reply-checksum-unfilled (NF004)" in told.stdout
    assert told.stdout.count("It has what it wanted") == 6
    assert told.stdout.count("It gave up") == 3
    assert "The three stories healed" in told.stdout
    assert "\x1b" not in told.stdout


def test_an_interrupted_demo_leaves_nothing_running() -> None:
    demo = subprocess.Popen(DEMO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert demo.stdout is not None
    for line in demo.stdout:
        if "The guest starts" in line:
            break
    networks = sites_below(str(demo.pid))
    assert networks

    os.killpg(demo.pid, signal.SIGINT)
    _, errors = demo.communicate(timeout=20)

    assert demo.returncode == 130
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert emptied(networks)
