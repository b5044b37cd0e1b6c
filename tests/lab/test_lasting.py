"""The founding story of a host's bridge, to its end: repaired under running guests, rebooted, undone, rebooted again.

A reboot in the lab's sense: the bridge is made anew from its files by the real ifdown and ifup.
"""

import re
import sys
from collections.abc import Iterator

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.normalise import differences, fingerprint
from pxedoctor.lab.parts import cold_start
from pxedoctor.lab.parts_ifupdown import delay_of_15, ifupdown_site, restart_networking
from pxedoctor.lab.readers import in_force
from pxedoctor.lab.site import Site
from pxedoctor.model.bridge_owner import Setting

pytestmark = pytest.mark.lab

CAUSE = "bridge-forward-delay"
LONG, SHORT = Setting(stp=True, delay=15.0), Setting(stp=True, delay=2.0)

# A neighbour on the bridge, as a running guest is: 1,000 packets a second to the host, each answered.
_PACKETS = """
import select, socket, sys, time
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.connect(("192.168.151.1", 7777))
sent = got = 0
end = time.monotonic() + float(sys.argv[1])
due = time.monotonic()
while time.monotonic() < end:
    sock.send(b"%d" % sent)
    sent += 1
    due += 0.001
    while (left := due - time.monotonic()) > 0 and select.select([sock], [], [], left)[0]:
        sock.recv(64)
        got += 1
while select.select([sock], [], [], 1)[0]:
    sock.recv(64)
    got += 1
print(sent, got)
"""
_ECHO = """
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
sock.bind(("192.168.151.1", 7777))
print("ready", flush=True)
while True:
    sock.sendto(*sock.recvfrom(64))
"""


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as opened:
        ifupdown_site(opened)
        delay_of_15(opened)
        yield opened


def settle(site: Site, port: str) -> None:
    """Until the port forwards."""
    wait = 'until [ "$(cat /sys/class/net/$0/brport/state)" = 3 ]; do sleep 0.2; done'
    site.run("timeout", "60", "sh", "-c", wait, port)


def neighbour(site: Site) -> None:
    """A running guest's place: a port that forwards already."""
    port = site.device("nb")
    site.run("ip", "netns", "add", "nb")
    site.run("ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", "nb")
    site.run("ip", "netns", "exec", "nb", "ip", "address", "add", "192.168.151.200/24", "dev", "eth0")
    site.run("ip", "netns", "exec", "nb", "ip", "link", "set", "dev", "eth0", "up")
    site.run("ip", "link", "set", "dev", port, "master", site.bridge)
    site.run("ip", "link", "set", "dev", port, "up")
    settle(site, port)


def test_a_running_guest_loses_no_packet(site: Site) -> None:
    """Repair and undo, live step and lasting step, under 1,000 packets a second."""
    neighbour(site)
    echo = site.start(sys.executable, "-c", _ECHO)
    assert echo.stdout is not None
    assert echo.stdout.readline() == "ready\n"
    packets = site.start("ip", "netns", "exec", "nb", sys.executable, "-c", _PACKETS, "12")
    told = site.doctor("fix", "--only", CAUSE, "--apply", "--yes")
    assert told.document["outcome"] == "verified", told.document
    assert in_force(site, site.bridge) == SHORT
    assert site.doctor("undo").exit_code == 0
    assert in_force(site, site.bridge) == LONG
    said, _ = packets.communicate(timeout=120)
    sent, got = map(int, re.findall(r"\d+", said))
    echo.kill()
    assert sent > 3_000
    assert got == sent


def test_repaired_rebooted_undone_rebooted(site: Site) -> None:
    first = fingerprint(site.path(""), ("/etc/network",))
    assert not cold_start(site).ok
    shown = site.doctor("fix", "--only", CAUSE)
    assert "-    bridge_fd 15\n+    bridge_fd 2\n" in shown.document["plans"][0]["steps"][1]["diff"]
    assert site.doctor("fix", "--only", CAUSE, "--apply", "--yes").document["outcome"] == "verified"
    restart_networking(site)
    assert in_force(site, site.bridge) == SHORT
    assert CAUSE not in site.doctor("diagnose").names()
    assert cold_start(site).ok
    assert site.doctor("undo").exit_code == 0
    assert differences(first, fingerprint(site.path(""), ("/etc/network",))) == []
    restart_networking(site)
    assert in_force(site, site.bridge) == LONG
    assert CAUSE in site.doctor("diagnose").names()
