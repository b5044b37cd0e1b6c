"""Cases of dhcp-server-dead."""

import sys
import time
from collections.abc import Callable

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import (
    NETWORK,
    cold_start,
    libvirt_site,
    network_xml,
    restart_network,
)
from pxedoctor.lab.site import Site, SiteError

_PID_FILE = f"/run/libvirt/network/{NETWORK}.pid"
_WAIT_SECONDS = 10
_POLL_SECONDS = 0.05

# A process that adopts orphans and never waits for them, as many a container's first process: PR_SET_CHILD_SUBREAPER is
# 36 (prctl(2)). libvirtd, started through it, has its dnsmasq adopted by it.
_NEVER_WAITS = """
import ctypes, signal, subprocess
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
subprocess.run(["libvirtd", "-d"])
signal.pause()
"""


def _wait(site: Site, until: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while not until():
        if time.monotonic() > deadline:
            raise SiteError(f"not within {_WAIT_SECONDS} s: {what}")
        time.sleep(_POLL_SECONDS)


def _pid(site: Site) -> str:
    return site.path(_PID_FILE).read_text().strip()


def _state(site: Site, pid: str) -> str:
    """The letter in /proc/PID/stat, or "" where there is no such process."""
    stat = site.ask("cat", f"/proc/{pid}/stat").stdout
    return stat.rpartition(")")[2].split()[0] if stat else ""


def _kill(site: Site) -> None:
    """Both processes of it: the server, and its child that runs the lease script."""
    pid = _pid(site)
    # The child may end by itself when the server does: then there is nobody left to kill, and that is as good.
    site.ask("sh", "-c", f"kill -9 $(cat /proc/{pid}/task/{pid}/children) {pid}")
    _wait(site, lambda: _state(site, pid) in {"", "Z"}, "dnsmasq dead")


def _revive(site: Site) -> None:
    restart_network(site, network_xml(site, stp="off"))
    site.run("virsh", "net-autostart", NETWORK)


def _give_pid_away(site: Site) -> None:
    """Another program gets the dead server's pid: the next pid of this pid namespace is set (proc(5), ns_last_pid)."""
    pid = _pid(site)
    _kill(site)
    last = "/proc/sys/kernel/ns_last_pid"
    site.run("sh", "-c", f"echo {int(pid) - 1} > {last}; sleep 3600 > /dev/null 2>&1 &")
    if site.ask("cat", f"/proc/{pid}/comm").stdout.strip() != "sleep":
        raise SiteError(f"pid {pid} could not be given to another program")


def _take_pid_back(site: Site) -> None:
    _revive(site)
    site.ask("pkill", "-x", "sleep")


def _adopted_by_one_who_never_waits(site: Site) -> None:
    libvirt_site(site)
    _adopt_anew(site)


def _adopt_anew(site: Site) -> None:
    """libvirtd and its dnsmasq start below a process that does not reap; an earlier one ends with its zombies."""
    site.run("virsh", "net-destroy", NETWORK)
    daemon = site.path("/run/libvirtd.pid").read_text().strip()
    site.run("kill", daemon)
    _wait(site, lambda: _state(site, daemon) in {"", "Z"}, "libvirtd ended")
    site.ask("pkill", "-9", "-f", "signal.pause")
    site.start(sys.executable, "-c", _NEVER_WAITS)
    _wait(site, lambda: site.ask("virsh", "net-list").returncode == 0, "libvirtd answers")
    site.run("virsh", "net-start", NETWORK)


def _without_dhcp(site: Site, extra: str = "") -> str:
    return f"""\
<network>
  <name>{NETWORK}</name>
  <uuid>{site.run("virsh", "net-uuid", NETWORK).strip()}</uuid>
  <bridge name='{site.bridge}' stp='off'/>
  {extra}
  <ip address='192.168.150.1' netmask='255.255.255.0'/>
</network>
"""


def _own_server(site: Site) -> None:
    words = (f"--interface={site.bridge}", "--bind-dynamic", "--except-interface=lo", "--port=0", "--no-ping")
    leases = ("--dhcp-leasefile=/tmp/own.leases", "--pid-file=/tmp/own.pid")
    site.run("dnsmasq", "--conf-file=", *words, *leases, "--dhcp-range=192.168.150.10,192.168.150.99")


def _served_by_hand(site: Site) -> None:
    """libvirt's dnsmasq of this network answers DNS alone; it is killed, and nobody misses it."""
    restart_network(site, _without_dhcp(site))
    _kill(site)
    _own_server(site)


def _no_server_at_all(site: Site) -> None:
    restart_network(site, _without_dhcp(site, "<dns enable='no'/>"))
    _own_server(site)


def _without_pid_file(site: Site) -> None:
    site.run("rm", _PID_FILE)


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="dhcp-server-dead",
        expect=Breaks("dhcp-server-dead"),
        story="The network's dnsmasq was killed; its pid file stays, and virsh calls the network active (corpus DS05).",
        build=libvirt_site,
        inject=_kill,
        heal=_revive,
        attempt=_attempt,
    ),
    Case(
        name="dhcp-server-dead-as-zombie",
        expect=Breaks("dhcp-server-dead"),
        story="The dead dnsmasq stays a zombie, as in a container whose first process never waits: no reload helps.",
        build=_adopted_by_one_who_never_waits,
        inject=_kill,
        heal=_adopt_anew,
        attempt=_attempt,
    ),
    Case(
        name="dhcp-server-dead-and-its-pid-reused",
        expect=Breaks("dhcp-server-dead"),
        story="Another program has the dead dnsmasq's pid: a reload of libvirt would send SIGHUP to it.",
        build=libvirt_site,
        inject=_give_pid_away,
        heal=_take_pid_back,
        attempt=_attempt,
    ),
    Case(
        name="dhcp-server-dead-and-not-wanted",
        expect=Passes(),
        story="A network without <dhcp>, its DNS-only dnsmasq dead; an administrator's own dnsmasq serves the bridge.",
        build=libvirt_site,
        inject=_served_by_hand,
        attempt=_attempt,
    ),
    Case(
        name="dhcp-server-dead-where-none-was",
        expect=Passes(),
        story="A network with neither DNS nor DHCP has no dnsmasq at all; an administrator's own serves the bridge.",
        build=libvirt_site,
        inject=_no_server_at_all,
        attempt=_attempt,
    ),
    Case(
        name="dhcp-server-dead-but-for-its-pid-file",
        expect=Passes(),
        story="The pid file is gone (a cleaning script emptied /run), the dnsmasq lives and serves.",
        build=libvirt_site,
        inject=_without_pid_file,
        attempt=_attempt,
    ),
)
