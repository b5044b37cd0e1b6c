"""The real readers of a host's network configuration, each made to make its bridge anew, as a reboot would.

Each writes nothing but the bridge of its own site. What comes of it is read in sysfs.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from pxedoctor.lab.site import Site, SiteError
from pxedoctor.model.bridge_owner import Setting

_NM_PROFILE = "/etc/NetworkManager/system-connections/br.nmconnection"
_IFUPDOWN2 = "/usr/local/share/pxedoctor/ifupdown2"
_IFUPDOWN_NG = "/usr/local/share/pxedoctor/ifupdown-ng"
_SECONDS = 20


def in_force(site: Site, bridge: str) -> Setting:
    """What the kernel says of the bridge."""
    folder = f"/sys/class/net/{bridge}/bridge"
    stp, delay = site.run("cat", f"{folder}/stp_state", f"{folder}/forward_delay").split()
    return Setting(stp=stp == "1", delay=int(delay) / 100)


def by_ifupdown(site: Site, bridge: str) -> Setting:
    site.run("mkdir", "-p", "/run/network")
    site.run("ifup", bridge)
    setting = in_force(site, bridge)
    site.run("ifdown", bridge)
    return setting


def install_ifupdown2(site: Site) -> None:
    """In ifupdown's place, from where scripts/setup-packages has unpacked it: the two exclude each other."""
    site.run("rm", "-rf", "/sbin/ifup", "/sbin/ifdown", "/sbin/ifquery", "/usr/share/ifupdown2")
    site.run("sh", "-c", 'tar -C "$0" -c . | tar -C / -x --keep-directory-symlink', _IFUPDOWN2)
    site.run("mkdir", "-p", "/run/network", "/var/tmp/network")


def install_ifupdown_ng(site: Site) -> None:
    """In ifupdown's place likewise, and as on Alpine: without the hooks that Debian's other packages have for ifup."""
    site.run("rm", "-rf", "/sbin/ifup", "/sbin/ifdown", "/sbin/ifquery")
    site.run("sh", "-c", "rm -rf /etc/network/if-*.d")
    site.run("sh", "-c", 'tar -C "$0" -c . | tar -C / -x --keep-directory-symlink', _IFUPDOWN_NG)
    site.run("mkdir", "-p", "/run/network")


def by_networkd(site: Site, bridge: str) -> Setting:
    with networkd_runs(site) as daemon:
        _wait_for(daemon, "Bridge parameters set success")
        setting = in_force(site, bridge)
    site.ask("ip", "link", "delete", bridge)
    return setting


@contextmanager
def networkd_runs(site: Site) -> "Iterator[subprocess.Popen[str]]":
    """It reads its files at its start, and makes what they say, for some seconds at most."""
    site.run("install", "-d", "-o", "systemd-network", "/run/systemd/netif", *_in_netif("links", "leases", "lldp"))
    start = "SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console exec /lib/systemd/systemd-networkd"
    # `timeout`: what waits for its words never waits for ever.
    daemon = site.start("timeout", str(_SECONDS), "sh", "-c", start)
    try:
        yield daemon
    finally:
        daemon.kill()
        site.ask("pkill", "-x", "systemd-network")
        daemon.wait(timeout=_SECONDS)


def _in_netif(*names: str) -> list[str]:
    return [f"/run/systemd/netif/{name}" for name in names]


def by_netplan(site: Site, bridge: str) -> Setting:
    """For its default renderer: `netplan generate`, and then networkd on what it wrote."""
    site.run("rm", "-rf", "/run/systemd/network")
    site.run("netplan", "generate")
    return by_networkd(site, bridge)


def start_network_manager(site: Site) -> None:
    site.run("mkdir", "-p", "/run/dbus", "/run/NetworkManager")
    site.run("dbus-daemon", "--system", "--fork")
    site.run("NetworkManager", "--pid-file", "/run/nm.pid")
    # It has forked before it has its name on the bus.
    until = "until nmcli general status >/dev/null 2>&1; do sleep 0.1; done"
    site.run("timeout", str(_SECONDS), "sh", "-c", until)


def by_network_manager(site: Site, bridge: str, profile: str = _NM_PROFILE) -> Setting:
    """NetworkManager must run; the profile is loaded as the plan has it loaded."""
    site.run("chmod", "600", profile)
    site.run("nmcli", "connection", "load", profile)
    name = site.run("nmcli", "-g", "NAME,FILENAME", "connection", "show").splitlines()
    wanted = next(line.partition(":")[0] for line in name if line.endswith(profile.rpartition("/")[2]))
    site.run("nmcli", "connection", "up", wanted)
    setting = in_force(site, bridge)
    site.run("nmcli", "connection", "down", wanted)
    return setting


def _wait_for(daemon: "subprocess.Popen[str]", words: str) -> None:
    """The bridge is there a moment before its parameters are."""
    said = []
    for line in daemon.stdout or ():
        said.append(line)
        if words in line:
            return
    raise SiteError(f"networkd made no bridge in {_SECONDS} s: {''.join(said[-20:])}")
