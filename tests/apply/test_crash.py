"""kill -9 in the middle of a repair, at every boundary of its steps: `undo` brings back every file and every text.

The repair is a real one, of a bridge that Debian's ifupdown configures: a live step and a lasting one. What it is
judged by is a picture of the site, files to the byte.
"""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.normalise import differences, fingerprint
from pxedoctor.lab.parts_ifupdown import delay_of_15, ifupdown_site
from pxedoctor.lab.readers import in_force
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab

WORKER = Path(__file__).with_name("crash_worker.py").read_text(encoding="utf-8")
CAUSE = "bridge-forward-delay"
FOLDERS = ("/etc/network", "/etc/netplan", "/etc/systemd/network", "/etc/NetworkManager", "/etc/libvirt")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with open_site() as opened:
        ifupdown_site(opened)
        delay_of_15(opened)
        yield opened


def repair(site: Site, at: int, when: str = "after") -> subprocess.CompletedProcess[str]:
    return site.ask(sys.executable, "-c", WORKER, str(at), when, CAUSE)


def picture(site: Site) -> dict[str, str]:
    """Files to the byte, leftovers too; and the bridge."""
    return fingerprint(site.path(""), FOLDERS) | {"bridge": str(in_force(site, site.bridge))}


def forget(site: Site) -> None:
    site.run("rm", "-rf", "/var/lib/pxedoctor/journal")


def test_at_every_boundary(site: Site) -> None:
    first = picture(site)
    whole = repair(site, 0)
    assert whole.stdout.startswith("verified "), whole.stderr
    writes = int(whole.stdout.split()[1])
    assert differences(first, picture(site)), "the repair changed nothing, so that this test would be of nothing"
    site.doctor("undo")
    assert differences(first, picture(site)) == []
    for at in range(1, writes + 1):
        for when in ("before", "after"):
            forget(site)
            done = repair(site, at, when)
            assert done.returncode in {-9, 137}, f"write {at}, {when}: {done.stderr}"
            site.doctor("undo")
            assert differences(first, picture(site)) == [], f"cut off at write {at} of {writes}, {when} it"
            assert site.doctor("undo").exit_code != 0
    forget(site)


def test_at_random_moments(site: Site) -> None:
    first = picture(site)
    chance = random.Random(5)
    for _ in range(6):
        forget(site)
        doctor = site.start(sys.executable, "-c", WORKER, "0", "after", CAUSE)
        time.sleep(chance.uniform(0, 1.5))
        site.ask("pkill", "-9", "-f", "Carries out one repair on a site")
        doctor.wait(timeout=60)
        site.doctor("undo")
        assert differences(first, picture(site)) == []


def test_what_was_cut_off_is_told_before_anything_else_is_done(site: Site) -> None:
    forget(site)
    repair(site, 3)
    told = site.doctor("fix", "--only", CAUSE, "--apply", "--yes")
    assert told.exit_code == 2
    assert "was cut off in its middle" in told.document["message"]
    assert "pxedoctor undo crash-3-after" in told.document["would_help"]
    assert site.doctor("undo").exit_code == 0
    forget(site)
