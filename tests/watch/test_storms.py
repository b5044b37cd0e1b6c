"""The keeper in a storm: a thousand changes a second, more than the kernel can keep, and names that mean harm."""

import ctypes
import os
import signal
import socket
from collections.abc import Iterator

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site
from pxedoctor.lab.site import Site
from pxedoctor.lab.watched import watched
from pxedoctor.report.harmless import shown

pytestmark = pytest.mark.lab

NF002 = "host-firewall-drops-dhcp"
NETFILTER = 12
# linux/socket.h; asm-generic/unistd.h.
SO_RCVBUFFORCE, PIDFD_GETFD = 33, 438
DROP = "iptables -I INPUT 1 -p udp --dport 67 -j DROP"


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as opened:
        libvirt_site(opened)
        yield opened


def script(site: Site, path: str, text: str) -> None:
    site.write(path, f"#!/bin/sh\n{text}\n")
    site.path(path).chmod(0o755)


def storm(site: Site, transactions: int) -> None:
    """Of nobody's concern, as fast as nft can: each line is a transaction of its own."""
    lines = "add table inet other\ndelete table inet other\n" * (transactions // 2)
    site.write("/tmp/storm", lines)


def memory_of(pid: int, what: str = "VmRSS") -> int:
    """Resident, or VmHWM, the most that ever was, in KiB (proc_pid_status(5))."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        return int(next(line.split()[1] for line in file if line.startswith(f"{what}:")))


def shrink_what_the_kernel_keeps(keeper: int) -> None:
    """The keeper's own socket for rules, given the least room that the kernel allows."""
    pidfd = os.pidfd_open(keeper)
    for entry in os.listdir(f"/proc/{keeper}/fd"):
        handle = ctypes.CDLL(None).syscall(PIDFD_GETFD, pidfd, int(entry), 0)
        if handle < 0:
            # The keeper closed it after it was listed.
            continue
        try:
            theirs = socket.socket(fileno=handle)
        except OSError:
            os.close(handle)
            continue
        with theirs:
            if theirs.family == socket.AF_NETLINK and theirs.proto == NETFILTER:
                theirs.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1)
    os.close(pidfd)


def test_a_change_in_a_storm_of_others_is_told_with_who_made_it_and_memory_stays(site: Site) -> None:
    storm(site, 2000)
    script(site, "/usr/local/sbin/hardening", DROP)
    with watched(site) as keeper:
        before = memory_of(keeper.pid)
        blowing = site.start("sh", "-c", "nft -i < /tmp/storm")
        site.run("/usr/local/sbin/hardening")
        told = keeper.until("appeared", NF002)
        assert any("hardening" in words for words in (told["who"]["caller"], *told["others"])), told
        blowing.wait()
        # Every transaction was heard: nothing is said to be lost.
        site.run("iptables", "-D", "INPUT", "1")
        keeper.until_gone(NF002)
        assert all(event["event"] != "events-lost" for event in keeper.told)
        assert memory_of(keeper.pid) - before < 8 * 1024


def test_a_storm_that_is_heard_late_takes_no_more_memory_than_one_that_is_not(site: Site) -> None:
    """Ten thousand transactions wait in the kernel, as on a host so busy that the keeper gets no turn."""
    storm(site, 5000)
    script(site, "/usr/local/sbin/hardening", DROP)
    with watched(site) as keeper:
        # All that a first change needs is there.
        site.run("/usr/local/sbin/hardening")
        keeper.until("appeared", NF002)
        site.run("iptables", "-D", "INPUT", "1")
        keeper.until_gone(NF002)
        before = memory_of(keeper.pid, "VmHWM")
        os.kill(keeper.pid, signal.SIGSTOP)
        site.run("sh", "-c", "nft -i < /tmp/storm; hardening; nft -i < /tmp/storm")
        os.kill(keeper.pid, signal.SIGCONT)
        told = keeper.until("appeared", NF002)
        assert any("hardening" in words for words in (told["who"]["caller"], *told["others"])), told
        assert all(event["event"] != "events-lost" for event in keeper.told)
        # Held until the last of them was read they were 10 MiB.
        assert memory_of(keeper.pid, "VmHWM") - before < 3 * 1024


def test_what_the_kernel_could_not_keep_is_said_and_everything_is_looked_at_again(site: Site) -> None:
    storm(site, 200)
    with watched(site) as keeper:
        shrink_what_the_kernel_keeps(keeper.pid)
        os.kill(keeper.pid, signal.SIGSTOP)
        site.run("sh", "-c", f"nft -i < /tmp/storm; {DROP}; nft -i < /tmp/storm")
        os.kill(keeper.pid, signal.SIGCONT)
        keeper.until("appeared", NF002)
    assert keeper.told[0]["event"] == "events-lost"
    assert "everything is looked at again" in keeper.told[0]["what"]


def test_a_name_that_means_harm_is_one_line_and_moves_no_cursor(site: Site) -> None:
    path = '/tmp/\x1b[2J\n{"event": "cleared"}\u202e%s'
    script(site, path, DROP)
    with watched(site) as keeper:
        site.run("sh", "-c", 'exec "$0"', path)
        told = keeper.until("appeared", NF002)
        named = " ".join((told["who"]["caller"], *told["who"]["ancestors"]))
        assert "cleared" in named
        assert all(character.isprintable() for character in shown(named))
    # A word at once may come before it, where settling takes long.
    assert [event["event"] for event in keeper.told if event["event"] != "provisional"] == ["appeared"]
