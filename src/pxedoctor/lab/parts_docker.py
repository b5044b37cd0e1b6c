"""Parts of sites with a real dockerd.

It sets FORWARD's policy to DROP where it turns net.ipv4.ip_forward on itself, that is on a host without a network of
libvirt, and never sets it back. Two ways lead bridged frames to that policy: the module br_netfilter, which dockerd
loads (here it is part of the kernel: `parts_bridge.bridge_netfilter_on`), and `--icc=false`, with which dockerd turns
bridge-nf-call-iptables on itself.
"""

import time

from pxedoctor.lab.parts_bridge import bridge_netfilter_off
from pxedoctor.lab.parts_nftables import restore_rules
from pxedoctor.lab.site import Site, SiteError

COMMAND = ("/usr/sbin/dockerd", "--host", "unix:///run/docker.sock")
_SECONDS = 60
_POLL_SECONDS = 0.1
_LOG = "/var/log/dockerd.out"


def show_cgroups(site: Site) -> None:
    """What container engines ask for. With no controller in the hierarchy they only look at it."""
    site.run("sh", "-ec", "grep -q ' /sys/fs/cgroup cgroup2 ' /proc/mounts || mount -t cgroup2 none /sys/fs/cgroup")


def prepare(site: Site) -> None:
    """What dockerd needs around it."""
    show_cgroups(site)
    for folder in ("/var/lib/docker", "/var/lib/containerd"):
        # overlayfs does not stand on overlayfs.
        site.run("sh", "-ec", f"mkdir -p {folder}; mountpoint -q {folder} || mount -t tmpfs none {folder}")


def start_docker(site: Site, *flags: str) -> None:
    """dockerd as its service starts it; returns when its rules are there. `flags` are dockerd's."""
    prepare(site)
    words = " ".join((*COMMAND, *flags))
    site.run("sh", "-c", f"setsid -f {words} >{_LOG} 2>&1")
    deadline = time.monotonic() + _SECONDS
    while site.ask("curl", "-sf", "--unix-socket", "/run/docker.sock", "http://docker/_ping").returncode != 0:
        if time.monotonic() > deadline:
            raise SiteError(f"dockerd did not answer within {_SECONDS} s: {site.run('tail', '-3', _LOG)}")
        time.sleep(_POLL_SECONDS)


def stop_docker(site: Site) -> None:
    """Ends dockerd, as its service does; its bridge, its chains, FORWARD's policy and its switches stay."""
    site.run("sh", "-ec", "pid=$(cat /run/docker.pid); kill $pid; while [ -e /run/docker.pid ]; do sleep 0.05; done")


def unmake_docker(site: Site) -> None:
    """By hand, on a site that kept its rules before and forwarded nothing: no trace of dockerd is left."""
    if site.exists("/run/docker.pid"):
        stop_docker(site)
    site.run("ip", "link", "delete", "dev", "docker0")
    site.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=0")
    bridge_netfilter_off(site)
    restore_rules(site)
