"""What is compared of a site before and after: its texts under normalise(), its configuration files to the byte."""

import re
import time

from pxedoctor.access import snapshot
from pxedoctor.lab.normalise import fingerprint, normalise
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
_PASSING = re.compile(r"(dnsmasq|libvirtd|qemu-system-\S+) --version|Absent\(why='/proc/PID/")
_TRIES = 10
_SECONDS = 0.3


def take(site: Site) -> dict[str, str]:
    """Taken again while somebody is in it who comes and goes by himself."""
    for _ in range(_TRIES):
        picture = _once(site)
        if not any(_PASSING.search(text) for text in picture.values()):
            break
        time.sleep(_SECONDS)
    return picture


def _once(site: Site) -> dict[str, str]:
    site.snapshot("/tmp/picture.snapshot")
    taken = snapshot.read(str(site.path("/tmp/picture.snapshot")))
    return normalise(taken.answers) | fingerprint(site.path(""), _FILES)
