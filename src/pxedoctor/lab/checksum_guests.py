"""Guests that care for sums: one that sits on the bridge as a running operating system does, and raw-socket clients."""

import json
import sys
import time

from pxedoctor.lab.case import Attempt
from pxedoctor.lab.parts import MAC, cold_start, libvirt_site
from pxedoctor.lab.site import Site, SiteError

# Outlives every case; it ends with its site.
_RESIDENT_SECONDS = "3600"
_RESIDENT_MAC = "52:54:00:0d:0d:77"
_COMES_UP_SECONDS = 30

# Eight DISCOVERs in as many seconds: dhclient tells of bad sums once it has seen five (common/packet.c).
_DHCLIENT_CONF = """\
timeout 8;
initial-interval 1;
backoff-cutoff 1;
"""


def site_with_resident(site: Site, *flags: str) -> None:
    """The healthy libvirt site, and a guest on its bridge whose driver takes open sums."""
    libvirt_site(site)
    configure_dhclient(site)
    tap = site.device("rs")
    words = f"--tap {tap} --bridge {site.bridge} --mac {_RESIDENT_MAC} --client none --seconds {_RESIDENT_SECONDS}"
    words = " ".join((words, *flags))
    site.run("sh", "-c", f"setsid -f {sys.executable} -m pxedoctor.lab.light_guest {words} >/tmp/resident 2>&1")
    deadline = time.monotonic() + _COMES_UP_SECONDS * site.patience
    while "holding" not in site.path("/tmp/resident").read_text():
        if time.monotonic() > deadline:
            raise SiteError(f"the resident guest did not come up: {site.path('/tmp/resident').read_text()}")
        time.sleep(0.05)


def configure_dhclient(site: Site) -> None:
    site.write("/etc/dhcp/dhclient.conf", _DHCLIENT_CONF)


def site_with_vhost(site: Site) -> None:
    """The same, and the resident's frames are carried by vhost-net: a machine under KVM, as far as its NIC goes."""
    site_with_resident(site, "--vhost")


def dhclient(site: Site) -> Attempt:
    """A raw-socket client behind a relay that keeps the mark, as virtio does; this dhclient honours it."""
    return cold_start(site, None, "dhclient")


def dhclient_without_mark(site: Site) -> Attempt:
    """The same client as it was before it knew the mark: the relay strips the vnet header."""
    return cold_start(site, None, "dhclient", "--strip")


def vhost_dhclient(site: Site) -> Attempt:
    """As `dhclient`, behind vhost-net."""
    return cold_start(site, None, "dhclient", "--vhost")


def vhost_dhclient_without_mark(site: Site) -> Attempt:
    """As `dhclient_without_mark`, behind vhost-net."""
    return cold_start(site, None, "dhclient", "--vhost", "--strip")


def firmware(site: Site) -> Attempt:
    """A client that knows no mark, behind a driver that takes no open sums: what a PXE ROM is."""
    return cold_start(site, None, "dhclient", "--strip", "--firmware")


def tap_reader(site: Site) -> Attempt:
    """A client that verifies the sum on the frame itself."""
    words = ["--tap", site.device("tr"), "--bridge", site.bridge, "--mac", MAC]
    told = json.loads(site.run(sys.executable, "-m", "pxedoctor.lab.tap_reader", *words))
    return Attempt(ok=told["ok"], said=told["said"])
