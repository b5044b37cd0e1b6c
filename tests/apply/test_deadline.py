"""A repair that is taken back by itself: unless it is kept, and also where the one who did it is gone."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts_ifupdown import delay_of_15, ifupdown_site
from pxedoctor.lab.readers import in_force
from pxedoctor.lab.site import Site
from pxedoctor.model.bridge_owner import Setting

pytestmark = pytest.mark.lab

CAUSE = "bridge-forward-delay"
FIX = ("fix", "--only", CAUSE, "--apply", "--yes")
LONG, SHORT = Setting(stp=True, delay=15.0), Setting(stp=True, delay=2.0)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with open_site() as opened:
        ifupdown_site(opened)
        delay_of_15(opened)
        yield opened


def nobody_waits(site: Site) -> None:
    """Until the one who waits has ended."""
    site.run("timeout", "90", "sh", "-c", "while pgrep -f '[u]nless-kept' >/dev/null; do sleep 0.2; done")


def test_it_is_taken_back_unless_it_is_kept(site: Site) -> None:
    told = site.doctor(*FIX, "--revert-after", "5")
    assert told.document["outcome"] == "verified"
    assert told.document["keep_by"].endswith("Z")
    nobody_waits(site)
    assert in_force(site, site.bridge) == LONG
    assert "bridge_fd 15" in site.path("/etc/network/interfaces.d/bridges").read_text()
    assert site.ask(sys.executable, "-m", "pxedoctor", "keep").returncode == 2


def test_what_is_kept_stays(site: Site) -> None:
    told = site.doctor(*FIX, "--revert-after", "20")
    done = site.ask(sys.executable, "-m", "pxedoctor", "keep", told.document["id"])
    assert done.returncode == 0, done.stderr
    assert f"pxedoctor undo {told.document['id']}" in done.stdout
    nobody_waits(site)
    assert in_force(site, site.bridge) == SHORT
    assert site.doctor("undo").exit_code == 0
    assert in_force(site, site.bridge) == LONG


def test_by_itself_where_ssh_comes_through_what_is_changed(site: Site) -> None:
    """As sshd sets it; the client's address is one that the bridge leads to."""
    doctor = [sys.executable, "-m", "pxedoctor", *FIX, "--json"]
    through = ["env", "SSH_CONNECTION=192.168.151.77 5000 192.168.151.1 22", "sh", "-c", 'exec "$@"', "sh"]
    site.run("ip", "address", "add", "10.9.9.1/24", "dev", "lo")
    for more, waits in ((["--no-revert"], False), ([], True)):
        done = site.ask(*through, *doctor, *more)
        assert ('"keep_by":null' not in done.stdout.replace(" ", "")) is waits, done.stdout
        assert site.doctor("undo").exit_code == 0
    elsewhere = ["env", "SSH_CONNECTION=10.9.9.7 5000 10.9.9.1 22", *doctor]
    assert '"keep_by":null' in site.ask(*elsewhere).stdout.replace(" ", "")
    assert site.doctor("undo").exit_code == 0
    # Who waits his 120 s would find nothing to take back; nobody waits for him here. No signal but this one ends him.
    site.run("pkill", "-9", "-f", "[u]nless-kept")


def test_who_did_it_may_be_gone(site: Site) -> None:
    """His ssh ends in the middle, with everything that hung on it."""
    process = subprocess.Popen(site.command(sys.executable, "-m", "pxedoctor", *FIX, "--revert-after", "5"))
    site.run("timeout", "60", "sh", "-c", "until pgrep -f '[u]nless-kept' >/dev/null; do sleep 0.05; done")
    site.ask("pkill", "-9", "-f", "pxedoctor [f]ix")
    process.wait(timeout=60)
    nobody_waits(site)
    assert in_force(site, site.bridge) == LONG
