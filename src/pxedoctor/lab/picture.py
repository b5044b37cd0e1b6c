"""What is compared of a site before and after: its texts under normalise(), its configuration files to the byte."""

import re
import time

from pxedoctor.access import snapshot
from pxedoctor.lab.normalise import differences, fingerprint, normalise
from pxedoctor.lab.site import Site

# Configuration that a repair may write: compared to the byte.
_FILES = (
    "/etc/libvirt",
    "/etc/firewalld",
    "/etc/network",
    "/etc/netplan",
    "/etc/systemd/network",
    "/etc/NetworkManager/system-connections",
    "/etc/nftables.conf",
    "/etc/ufw",
    "/etc/dnsmasq.conf",
    "/etc/dnsmasq.d",
)
# libvirt asks its programs for their version now and then; and who ended while the picture was taken is gone from it.
# The kernel parts arguments by NUL (proc_pid_cmdline(5)), ps by a space.
_PASSING = re.compile(r"(dnsmasq|libvirtd|qemu-system-[^\s\0]+)[ \0]--version|Absent\(why='/proc/PID/")
# libvirt's dnsmasq, and the one that runs its script; a third is that one's child, until it has become the script.
_DNSMASQS_OF_ONE_NETWORK = 2
_TRIES = 10
_SECONDS = 0.3
# What a daemon may still be at when it is compared.
_PAUSES = (0, 0.5, 1, 2)


def take(site: Site) -> dict[str, str]:
    """Taken again while somebody is in it who comes and goes by himself."""
    for _ in range(_TRIES):
        picture = _once(site)
        if not somebody_passes(picture):
            break
        time.sleep(_SECONDS)
    return picture


def differs(site: Site, wanted: dict[str, str]) -> list[str]:
    """What is not as in `wanted`, and stays so for some seconds."""
    for pause in _PAUSES:
        time.sleep(pause)
        differ = differences(wanted, take(site))
        if not differ:
            break
    return differ


def somebody_passes(picture: dict[str, str]) -> bool:
    """Whether a process is in it, under normalise(), that is gone by itself in a moment."""
    programs = picture.get("read /proc/PID/cmdline", "").splitlines()
    dnsmasqs = [program for program in programs if "dnsmasq" in program]
    if any(dnsmasqs.count(program) > _DNSMASQS_OF_ONE_NETWORK for program in dnsmasqs):
        return True
    return any(_PASSING.search(text) for text in picture.values())


def _once(site: Site) -> dict[str, str]:
    site.snapshot("/tmp/picture.snapshot")
    taken = snapshot.read(str(site.path("/tmp/picture.snapshot")))
    return normalise(taken.answers) | fingerprint(site.path(""), _FILES)
