"""A repair that is taken back by itself: unless it is kept, and also where the one who did it is gone."""

import json
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pxedoctor.apply.deadline import timer
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts_ifupdown import as_built, delay_of_15, ifupdown_site
from pxedoctor.lab.readers import in_force
from pxedoctor.lab.site import Site
from pxedoctor.model.bridge_owner import Setting

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


@pytest.mark.lab
def test_it_is_taken_back_unless_it_is_kept(site: Site) -> None:
    told = site.doctor(*FIX, "--revert-after", "5")
    assert told.document["outcome"] == "verified"
    assert told.document["keep_by"].endswith("Z")
    nobody_waits(site)
    assert in_force(site, site.bridge) == LONG
    assert "bridge_fd 15" in site.path("/etc/network/interfaces.d/bridges").read_text()
    assert site.ask(sys.executable, "-m", "pxedoctor", "keep").returncode == 2


@pytest.mark.lab
def test_what_is_kept_stays(site: Site) -> None:
    told = site.doctor(*FIX, "--revert-after", "20")
    done = site.ask(sys.executable, "-m", "pxedoctor", "keep", told.document["id"])
    assert done.returncode == 0, done.stderr
    assert f"pxedoctor undo {told.document['id']}" in done.stdout
    nobody_waits(site)
    assert in_force(site, site.bridge) == SHORT
    assert site.doctor("undo").exit_code == 0
    assert in_force(site, site.bridge) == LONG


@pytest.mark.lab
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


@pytest.mark.lab
def test_who_did_it_may_be_gone(site: Site) -> None:
    """His ssh ends in the middle, with everything that hung on it."""
    process = subprocess.Popen(site.command(sys.executable, "-m", "pxedoctor", *FIX, "--revert-after", "5"))
    site.run("timeout", "60", "sh", "-c", "until pgrep -f '[u]nless-kept' >/dev/null; do sleep 0.05; done")
    site.ask("pkill", "-9", "-f", "pxedoctor [f]ix")
    process.wait(timeout=60)
    nobody_waits(site)
    assert in_force(site, site.bridge) == LONG


def test_systemd_has_nothing_to_say_against_the_timer(tmp_path: Path) -> None:
    """systemd-run's options as the units that it makes of them, judged by systemd's own checker."""
    options = timer("20260101T000000Z-abcd", 120)
    unit = next(word for word in options if word.startswith("--unit=")).removeprefix("--unit=")
    asked = [word.partition("=") for word in options if word.startswith("--")]
    command = options[options.index(sys.executable) :]
    of_service = [value for name, _, value in asked if name == "--property"]
    of_timer = [value for name, _, value in asked if name == "--timer-property"]
    (after,) = [value for name, _, value in asked if name == "--on-active"]
    (about,) = [value for name, _, value in asked if name == "--description"]
    service = ["[Unit]", f"Description={about}", "[Service]", *of_service, f"ExecStart={shlex.join(command)}"]
    (tmp_path / f"{unit}.service").write_text("\n".join([*service, ""]))
    (tmp_path / f"{unit}.timer").write_text("\n".join(["[Timer]", f"OnActiveSec={after}", *of_timer, ""]))
    units = (str(tmp_path / f"{unit}.{kind}") for kind in ("service", "timer"))
    done = subprocess.run(("systemd-analyze", "verify", *units), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert command[1:] == ("-m", "pxedoctor", "undo", "20260101T000000Z-abcd", "--unless-kept")


# As sshd: a shell for whoever comes, told by SSH_CONNECTION who that is.
_LOGIN = """
import os, socket, subprocess
server = socket.create_server(("192.168.151.1", 2222))
print("ready", flush=True)
while True:
    peer, _ = server.accept()
    both = " ".join(f"{end[0]} {end[1]}" for end in (peer.getpeername(), peer.getsockname()))
    environment = os.environ | {"SSH_CONNECTION": both}
    subprocess.Popen(["sh"], stdin=peer, stdout=peer, stderr=peer, env=environment, start_new_session=True)
    peer.close()
"""
# A person: connects, types a line, and reads for as long as he has patience.
_PERSON = """
import socket, sys
line, seconds = sys.argv[1:]
try:
    with socket.create_connection(("192.168.151.1", 2222), timeout=float(seconds)) as shell:
        shell.sendall(line.encode() + b"; exit\\n")
        while said := shell.recv(65536):
            sys.stdout.buffer.write(said)
except TimeoutError:
    print("CUT OFF")
"""


def neighbour(site: Site) -> None:
    """Somebody beyond the bridge, as over a wire."""
    port = site.device("nb")
    site.run("ip", "netns", "add", "nb")
    site.run("ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", "nb")
    site.run("ip", "netns", "exec", "nb", "ip", "address", "add", "192.168.151.200/24", "dev", "eth0")
    site.run("ip", "netns", "exec", "nb", "ip", "link", "set", "dev", "eth0", "up")
    site.run("ip", "link", "set", "dev", port, "master", site.bridge)
    site.run("ip", "link", "set", "dev", port, "up")
    settled = 'until [ "$(cat /sys/class/net/$0/brport/state)" = 3 ]; do sleep 0.2; done'
    site.run("timeout", "60", "sh", "-c", settled, port)


@pytest.mark.lab
def test_who_cut_himself_off_gets_the_host_back(site: Site) -> None:
    """He comes over the bridge. What he repairs shuts him out, by a bug that only this host's `ip` has."""
    as_built(site)
    neighbour(site)
    delay_of_15(site)
    shut = "OUTPUT -p tcp --sport 2222 -j DROP"
    bug = f'case "$*" in *"forward_delay 200") iptables -I {shut};; *"forward_delay 1500") iptables -D {shut};; esac'
    site.write("/usr/local/sbin/ip", f'#!/bin/sh\n{bug}\nexec /sbin/ip "$@"\n')
    site.run("chmod", "755", "/usr/local/sbin/ip")
    login = site.start(sys.executable, "-c", _LOGIN)
    assert login.stdout is not None
    assert login.stdout.readline() == "ready\n"

    def person(line: str, seconds: str) -> str:
        return site.run("ip", "netns", "exec", "nb", sys.executable, "-c", _PERSON, line, seconds)

    doctor = shlex.join([sys.executable, "-m", "pxedoctor"])
    line = f"{doctor} {shlex.join(FIX)} --revert-after 30"
    first = site.start("ip", "netns", "exec", "nb", sys.executable, "-c", _PERSON, line, "200")
    acted = site.ask("timeout", "200", "sh", "-c", f"until iptables -C {shut}; do sleep 0.1; done", seconds=210)
    assert acted.returncode == 0, "the repair did not get as far as shutting him out"
    assert "CUT OFF" in person("echo here", "3")
    nobody_waits(site)
    assert in_force(site, site.bridge) == LONG
    assert "here" in person("echo here", "60")
    first.communicate(timeout=200)
    assert [entry["outcome"] for entry in history(site)][-1:] == ["undone"]
    login.kill()
    site.path("/usr/local/sbin/ip").unlink()


def history(site: Site) -> list[dict[str, str]]:
    told = site.ask(sys.executable, "-m", "pxedoctor", "history", "--json")
    entries: list[dict[str, str]] = json.loads(told.stdout)["entries"]
    return entries


@pytest.mark.lab
def test_what_a_restart_of_the_host_kept_from_being_taken_back_is_told(site: Site) -> None:
    told = site.doctor(*FIX, "--revert-after", "3")
    site.run("pkill", "-9", "-f", "[u]nless-kept")
    time.sleep(4)
    then = site.doctor("fix", "--only", CAUSE, "--apply", "--yes")
    assert then.exit_code == 2
    assert "was to be taken back at" in then.document["message"]
    assert f"pxedoctor keep {told.document['id']}" in then.document["would_help"]
    assert site.doctor("undo", told.document["id"]).exit_code == 0
    assert in_force(site, site.bridge) == LONG
