"""Hosts that refuse: each tried with the real command on the real thing, each told, and nothing left half done.

The repair is a live step and a lasting one, of a bridge that Debian's ifupdown configures. Every story ends with the
bridge and its file as they were.
"""

import json
import stat
import subprocess
import sys
from collections.abc import Iterator

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts_ifupdown import delay_of_15, ifupdown_site, restart_networking
from pxedoctor.lab.readers import in_force
from pxedoctor.lab.site import Site, Told
from pxedoctor.model.bridge_owner import Setting

pytestmark = pytest.mark.lab

CAUSE = "bridge-forward-delay"
FIX = ("fix", "--only", CAUSE, "--apply", "--yes", "--no-revert")
LONG = Setting(stp=True, delay=15.0)
FOLDER = "/etc/network/interfaces.d"
FILE = f"{FOLDER}/bridges"
JOURNAL = "/var/lib/pxedoctor/journal"
WRAPPER = "/usr/local/sbin/ip"


@pytest.fixture(scope="module")
def host() -> Iterator[Site]:
    with open_site() as opened:
        ifupdown_site(opened)
        delay_of_15(opened)
        # A file system of its own for the file: 64 KiB.
        opened.run("sh", "-c", f"cp {FILE} /tmp/b; mount -t tmpfs -o size=64k small {FOLDER}; cp /tmp/b {FILE}")
        yield opened


@pytest.fixture
def site(host: Site) -> Iterator[Site]:
    before = host.path(FILE).read_bytes()
    yield host
    assert in_force(host, host.bridge) == LONG
    assert host.path(FILE).read_bytes() == before
    assert [path.name for path in host.path(FOLDER).iterdir()] == ["bridges"]
    host.run("rm", "-rf", JOURNAL)


def because(told: Told) -> str:
    """Why the lasting step was refused; the live one was taken back."""
    assert (told.exit_code, told.document["outcome"]) == (1, "undone"), told.document
    live, lasting = told.document["plans"][0]["steps"]
    assert (live["state"], lasting["state"]) == ("undone", "failed")
    return str(lasting["why"])


def wrapped_ip(site: Site, before_it_acts: str) -> None:
    """What happens at the moment at which the repair changes the bridge."""
    script = f'#!/bin/sh\ncase "$*" in *"forward_delay 200") {before_it_acts};; esac\nexec /sbin/ip "$@"\n'
    site.write(WRAPPER, script)
    site.run("chmod", "755", WRAPPER)


def test_a_full_disk(site: Site) -> None:
    site.ask("dd", "if=/dev/zero", f"of={FOLDER}/.filler", "bs=4k")
    told = site.doctor(*FIX)
    site.path(f"{FOLDER}/.filler").unlink()
    assert "the disk is full; make room" in because(told)


def test_a_read_only_file_system(site: Site) -> None:
    site.run("mount", "-o", "remount,ro", FOLDER)
    told = site.doctor(*FIX)
    site.run("mount", "-o", "remount,rw", FOLDER)
    assert "the file system is read-only" in because(told)


def test_an_immutable_file(site: Site) -> None:
    site.run("chattr", "+i", FILE)
    told = site.doctor(*FIX)
    site.run("chattr", "-i", FILE)
    assert "it may be immutable (lsattr)" in because(told)


def test_somebody_saves_the_file_at_that_moment(site: Site) -> None:
    wrapped_ip(site, f"sed -i s/bridge_maxwait/bridge_waitport/ {FILE}")
    told = site.doctor(*FIX)
    site.path(WRAPPER).unlink()
    why = because(told)
    site.run("sed", "-i", "s/bridge_waitport/bridge_maxwait/", FILE)
    assert "changed since it was looked at" in why
    assert "bridge_waitport" in why
    assert "'bridge_fd 15' becomes 'bridge_fd 2'" in why


def test_a_journal_that_cannot_be_written(site: Site) -> None:
    """Nothing is done of which nobody could know afterwards."""
    site.run("sh", "-c", f"mkdir -p {JOURNAL}; mount -t tmpfs -o size=4k small {JOURNAL}; echo x > {JOURNAL}/filler")
    told = site.doctor(*FIX)
    site.run("umount", JOURNAL)
    assert told.exit_code == 2
    assert f"the journal in {JOURNAL} cannot be written" in told.document["message"]


def test_two_at_once(site: Site) -> None:
    wrapped_ip(site, "touch /tmp/acting; until [ -e /tmp/go ]; do sleep 0.05; done")
    first = site.start(sys.executable, "-m", "pxedoctor", *FIX)
    acting = site.ask("timeout", "200", "sh", "-c", "until [ -e /tmp/acting ]; do sleep 0.05; done", seconds=210)
    assert acting.returncode == 0, "the first one did not get as far as its first step"
    second = site.doctor(*FIX)
    undo = site.doctor("undo")
    site.run("touch", "/tmp/go")
    first.communicate(timeout=100)
    site.path(WRAPPER).unlink()
    for told in (second, undo):
        assert told.exit_code == 2
        assert "another pxedoctor is changing this host just now" in told.document["message"]
    assert site.doctor("undo").exit_code == 0


def test_restarted_in_the_middle(site: Site) -> None:
    """The power goes between the two steps, or after the second; the bridge is made anew from its file."""
    for write, delay in ((3, LONG), (5, Setting(stp=True, delay=2.0))):
        done = site.fork("pxedoctor.lab.crashing", "after", str(write), *FIX)
        assert done.returncode == -9
        restart_networking(site)
        assert in_force(site, site.bridge) == delay
        told = site.doctor(*FIX)
        assert told.exit_code == 2
        assert "was cut off in its middle" in told.document["message"]
        undone = site.doctor("undo")
        assert undone.exit_code == 0, undone.document
        assert in_force(site, site.bridge) == LONG
        site.run("rm", "-rf", JOURNAL)


def test_a_link_out_of_the_configuration(site: Site) -> None:
    """Whose file that is, nobody said: it is not read, not written, and what was found says why."""
    site.run("sh", "-c", f"mv {FILE} /srv/bridges; ln -s /srv/bridges {FILE}")
    before = site.path("/srv/bridges").read_bytes()
    told = site.doctor(*FIX)
    undone = site.doctor("undo")
    after = site.path("/srv/bridges").read_bytes()
    site.run("sh", "-c", f"rm {FILE}; mv /srv/bridges {FILE}")
    assert after == before
    steps = [step["describe"] for plan in told.document["plans"] for step in plan["steps"]]
    assert not any("/srv/bridges" in step or FILE in step for step in steps), told.document
    assert undone.exit_code == 0


def test_a_secret_beside_the_change(site: Site) -> None:
    """And what is written down is root's alone."""
    before = site.path(FILE).read_bytes()
    site.run("sed", "-i", "s/^    bridge_fd/    wpa-psk hunter2hunter2\\n    bridge_fd/", FILE)
    told = site.doctor(*FIX)
    assert told.document["outcome"] == "verified", told.document
    assert b"wpa-psk hunter2hunter2\n    bridge_fd 2\n" in site.path(FILE).read_bytes()
    secret = subprocess.run(
        ["grep", "-rl", "hunter2", str(site.path("/var/lib/pxedoctor"))], capture_output=True, text=True, check=False
    )
    assert secret.stdout == ""
    assert "hunter2" not in str(told.document)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in site.path(JOURNAL).iterdir()}
    assert set(modes.values()) == {0o600}, modes
    assert stat.S_IMODE(site.path(JOURNAL).stat().st_mode) == 0o700
    assert site.doctor("undo").exit_code == 0
    site.path(FILE).write_bytes(before)


def test_a_namespace_of_its_own_with_the_hosts_sys(host: Site) -> None:
    """`unshare --net` leaves /sys as it was: it lists the host's devices, and none of the namespace's."""
    begun = "ip link add br7 type bridge && ip link set br7 up"
    words = f"{begun} && exec {sys.executable} -m pxedoctor diagnose --json"
    for asked in ("", " --bridge br7"):
        done = host.ask("unshare", "--net", "sh", "-c", f"{words}{asked}")
        told = json.loads(done.stdout)
        verdicts = {target["id"]: target["verdict"] for target in told["targets"]}
        assert (done.returncode, verdicts["bridge/br7"]) == (3, "unknown"), verdicts
        (road,) = (road for road in told["roads"] if road["targets"] == ["bridge/br7"])
        assert "another network namespace" in road["hops"][-1]["why"]
