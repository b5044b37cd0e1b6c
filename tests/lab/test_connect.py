"""`diagnose --connect`: two real libvirtds on one host, and the guest that is meant is the second one's."""

import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import GUEST, MAC, bridge_interface, guest_xml, libvirt_site
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab

OTHER, NETWORK, USERS = "web02", "own", "web03"
SOCKET = "/run/second/libvirt-sock"
URI = f"qemu+unix:///system?socket={SOCKET}"
# One of a user's own.
RUNTIME, NOBODY = "/tmp/runtime", ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")

# Files of its own under the names that libvirt has built in, as in a container of the same network namespace.
_SECOND = """\
mount --make-rprivate /
for folder in /run/libvirt /etc/libvirt/qemu /var/lib/libvirt; do mount -t tmpfs none $folder; done
mkdir -p /run/second /var/lib/libvirt/dnsmasq /var/lib/libvirt/images
printf 'unix_sock_dir = "/run/second"\\n' > /tmp/second.conf
exec libvirtd -d -f /tmp/second.conf -p /run/second.pid
"""


def network_xml(site: Site) -> str:
    return f"""\
<network><name>{NETWORK}</name><forward mode='nat'/><bridge name='{site.device("vc")}' stp='off'/>
<ip address='192.168.151.1' netmask='255.255.255.0'>
<dhcp><range start='192.168.151.10' end='192.168.151.99'/></dhcp></ip></network>
"""


def guest(name: str, interface: str) -> str:
    return guest_xml(interface).replace(GUEST, name).replace("0d0d02</uuid>", f"0d{name[-2:]}22</uuid>")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    # Not a skip: a lab that did not run proves nothing.
    assert os.geteuid() == 0, "the lab makes network namespaces: run the tests as root"
    with open_site() as opened:
        libvirt_site(opened)
        opened.run("unshare", "-m", "sh", "-ec", _SECOND)
        opened.write("/tmp/own.xml", network_xml(opened))
        interface = f"<interface type='network'><source network='{NETWORK}'/><mac address='{MAC}'/></interface>"
        opened.write("/tmp/other.xml", guest(OTHER, interface))
        done = opened.ask("virsh", "-c", URI, f"net-define /tmp/own.xml; net-start {NETWORK}; define /tmp/other.xml")
        assert "error:" not in done.stderr, done.stderr
        yield opened


def targets(document: dict[str, Any]) -> set[tuple[str | None, str | None]]:
    return {(target["guest"], target["network"]) for target in document["targets"] if target["guest"]}


def test_the_guest_is_found_where_it_is_and_nowhere_else(site: Site) -> None:
    assert site.doctor("diagnose", OTHER).exit_code == 2
    assert site.doctor("diagnose", GUEST, "--connect", URI).exit_code == 2
    told = site.doctor("diagnose", OTHER, "--connect", URI)
    assert (told.exit_code, targets(told.document)) == (0, {(OTHER, NETWORK)}), told.document
    assert told.document["targets"][0]["bridge"] == site.device("vc")


def test_all_of_one_libvirt_are_not_all_of_the_other(site: Site) -> None:
    assert targets(site.doctor("diagnose").document) == {(GUEST, "lab")}
    there = site.doctor("diagnose", "--connect", URI).document
    assert targets(there) == {(OTHER, NETWORK)}
    # The bridges are the host's, whoever made them.
    assert {target["bridge"] for target in there["targets"]} == {site.device("vc"), site.bridge}
    assert site.doctor("diagnose", "--connect", "qemu:///system").document["targets"][0]["guest"] == GUEST


def test_what_is_broken_there_is_found_and_not_repaired_by_the_wrong_daemon(site: Site) -> None:
    site.run("virsh", "-c", URI, "net-destroy", NETWORK)
    told = site.doctor("diagnose", OTHER, "--connect", URI)
    assert (told.exit_code, told.names()[0]) == (1, "network-inactive")
    finding = told.document["findings"][0]
    assert finding["plan"] is None
    assert "qemu:///system and its daemon alone" in finding["no_plan_because"]
    site.run("virsh", "-c", URI, "net-start", NETWORK)
    assert site.doctor("diagnose", OTHER, "--connect", URI).exit_code == 0


def test_a_users_own_libvirt(site: Site) -> None:
    """Its guest is plugged into a bridge of the system's, by QEMU's bridge helper."""
    site.run("install", "-d", "-m", "700", "-o", "65534", "-g", "65534", RUNTIME, f"{RUNTIME}/home")
    env = ("env", f"XDG_RUNTIME_DIR={RUNTIME}", f"HOME={RUNTIME}/home")
    doctor = (*env, sys.executable, "-m", "pxedoctor.lab.plain_user", "diagnose", USERS, "--json")
    words = ("--connect", "qemu:///session")
    unasked = site.ask(*doctor, *words)
    assert unasked.returncode == 3, unasked
    assert any("--wake" in entry["would_help"] for entry in json.loads(unasked.stdout)["unknown"])
    # virsh would have started one.
    assert not site.exists(f"{RUNTIME}/libvirt")
    site.run(*NOBODY, *env, "libvirtd", "-d")
    site.write("/tmp/users.xml", guest(USERS, bridge_interface(site.bridge)))
    site.run(*NOBODY, *env, "virsh", "-c", "qemu:///session", "define", "/tmp/users.xml")
    told = site.ask(*doctor, *words)
    target = json.loads(told.stdout)["targets"][0]
    assert (target["guest"], target["mac"], target["bridge"]) == (USERS, MAC, site.bridge), told.stderr


def test_one_that_sleeps_is_woken_only_by_wake(site: Site) -> None:
    """The second one again, behind a socket that waits for it."""
    site.run("sh", "-c", f"kill $(cat /run/second.pid); while [ -e {SOCKET} ]; do sleep 0.05; done")
    site.write("/tmp/second.sh", _SECOND.replace("libvirtd -d", "libvirtd"))
    names = "--fdname=libvirtd.socket:libvirtd-ro.socket"
    sockets = (f"--listen={SOCKET}", f"--listen={SOCKET}-ro")
    site.start("systemd-socket-activate", names, *sockets, "unshare", "-m", "sh", "-e", "/tmp/second.sh")
    deadline = time.monotonic() + 20
    while not site.exists(f"{SOCKET}-ro"):
        assert time.monotonic() < deadline, "nobody listens"
        time.sleep(0.05)
    unasked = site.doctor("diagnose", OTHER, "--connect", URI)
    assert unasked.exit_code == 3
    asleep = next(entry for entry in unasked.document["sources"] if entry["name"] == "domains")
    assert (asleep["status"], SOCKET in asleep["why"]) == ("asleep", True)
    assert not site.exists("/run/second.pid")
    woken = site.doctor("diagnose", "--connect", URI, "--wake").document
    assert site.exists("/run/second.pid")
    # Its files were in memory alone: it has come up with nothing.
    assert targets(woken) == set()
    domains = next(entry for entry in woken["sources"] if entry["name"] == "domains")
    assert "slept and was woken by --wake" in domains["why"]


@pytest.mark.parametrize(
    "words", [("qemu+ssh://host/system",), ("--all",), ("qemu:///system", "--from", "/etc/hosts"), ("vbox:///x\n",)]
)
def test_what_cannot_be_asked_is_refused(site: Site, words: tuple[str, ...]) -> None:
    told = site.doctor("diagnose", "--connect", *words)
    assert (told.exit_code, told.document["type"]) == (2, "error")
    assert told.document["would_help"]
