"""Parts of sites with a system bus and a real firewalld, and libvirt started after them."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from pxedoctor.lab.case import Attempt
from pxedoctor.lab.parts import (
    bridge_interface,
    cold_start,
    define_guest,
    guest_xml,
    network_and_guest,
    network_interface,
    network_xml,
    start_libvirt,
)
from pxedoctor.lab.site import Site, SiteError

# Where nothing else slows it down.
_SECONDS = 60
_POLL_SECONDS = 0.1
# libvirt needs a few hundredths of a second for the rules of one network.
_SETTLED_SECONDS = 0.5


def start_firewalld(site: Site, backend: str = "nftables") -> None:
    """A system bus, and firewalld as Debian configures it; returns when it runs."""
    site.run("mkdir", "-p", "/run/dbus")
    site.run("dbus-daemon", "--system", "--fork")
    run_firewalld(site, backend)


def run_firewalld(site: Site, backend: str = "nftables") -> None:
    """On a bus that is there; returns when it runs."""
    site.run("sed", "-i", f"s/^FirewallBackend=.*/FirewallBackend={backend}/", "/etc/firewalld/firewalld.conf")
    site.run("sh", "-c", "firewalld --nofork --nopid >/var/log/firewalld.out 2>&1 &")
    wait_for_firewalld(site)


@contextmanager
def bus_outside(site: Site) -> Iterator[None]:
    """The site's system bus, which numbers processes as the machine does: as the keeper for the lab hears of them."""
    site.run("mkdir", "-p", "/run/dbus")
    argv = [word for word in site.command("dbus-daemon", "--system", "--nofork", "--nopidfile") if word != "--pid"]
    with subprocess.Popen(argv) as bus:
        try:
            deadline = time.monotonic() + _SECONDS
            while not site.exists("/run/dbus/system_bus_socket"):
                if time.monotonic() > deadline:
                    raise SiteError(f"the bus did not run within {_SECONDS} s")
                time.sleep(_POLL_SECONDS)
            yield
        finally:
            bus.terminate()


def wait_for_firewalld(site: Site) -> None:
    deadline = time.monotonic() + _SECONDS * site.patience
    while site.ask("firewall-cmd", "--state").returncode != 0:
        if time.monotonic() > deadline:
            raise SiteError("firewalld did not run in time")
        time.sleep(_POLL_SECONDS)


def reload_firewalld(site: Site) -> None:
    """A reload, and libvirt's answer to it: it binds its bridge first and writes its rules anew after that."""
    site.run("firewall-cmd", "--reload")
    wait_for_zone(site, site.bridge, "libvirt")
    deadline = time.monotonic() + _SECONDS * site.patience
    before = ""
    while (now := site.run("iptables-save")) != before or f"-i {site.bridge}" not in now:
        if time.monotonic() > deadline:
            raise SiteError(f"libvirt's rules for {site.bridge} did not come back in time")
        before = now
        time.sleep(_SETTLED_SECONDS)


def zone_of(site: Site, bridge: str) -> str:
    return site.ask("firewall-cmd", f"--get-zone-of-interface={bridge}").stdout.strip()


def wait_for_zone(site: Site, bridge: str, zone: str) -> None:
    deadline = time.monotonic() + _SECONDS * site.patience
    while zone_of(site, bridge) != zone:
        if time.monotonic() > deadline:
            raise SiteError(f"{bridge} is in zone {zone_of(site, bridge)!r}, not in {zone}")
        time.sleep(_POLL_SECONDS)


def firewalld_site(site: Site, mode: str = "nat", backend: str = "nftables") -> None:
    """The healthy site: firewalld, then libvirt with one network whose bridge libvirt binds, and one guest."""
    start_firewalld(site, backend)
    firewalld_network(site, mode)


def firewalld_network(site: Site, mode: str = "nat") -> None:
    """libvirt with one network whose bridge it binds to the firewalld that runs, and one guest."""
    start_libvirt(site)
    network_and_guest(site, network_xml(site, stp="off", mode=mode), guest_xml(network_interface()))
    wait_for_zone(site, site.bridge, "libvirt-routed" if mode == "route" else "libvirt")


def served_bridge_site(site: Site) -> None:
    """A host bridge in firewalld's zone internal, which lets dhcp in at run time, with a dnsmasq and a guest."""
    start_firewalld(site)
    start_libvirt(site)
    site.run("ip", "link", "add", site.bridge, "type", "bridge")
    site.run("ip", "address", "add", "192.168.150.1/24", "dev", site.bridge)
    site.run("ip", "link", "set", site.bridge, "up")
    site.run("firewall-cmd", "--zone=internal", f"--change-interface={site.bridge}")
    site.run("firewall-cmd", "--zone=internal", "--add-service=dhcp")
    words = [f"--interface={site.bridge}", "--bind-interfaces", "--except-interface=lo", "--port=0", "--no-ping"]
    site.run("dnsmasq", "--conf-file=/dev/null", *words, "--dhcp-range=192.168.150.10,192.168.150.99")
    define_guest(site, guest_xml(bridge_interface(site.bridge)))


def attempt(site: Site) -> Attempt:
    return cold_start(site)
