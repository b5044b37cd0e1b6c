"""A guest that keeps running: what becomes of a tap that the guest already has.

A cold start would make a new tap and plug it in, which heals every fault of the old one. So the guest's own retry is
the attempt: a reset inside the same QEMU, after which SeaBIOS and iPXE ask for an address through the same tap.
"""

import json

from pxedoctor.lab.case import Attempt
from pxedoctor.lab.parts import GUEST, MAC, NETWORK
from pxedoctor.lab.parts_bridge import lend_a_port
from pxedoctor.lab.qemu_guest import firmware_site, judged, listen, spoken
from pxedoctor.lab.site import Site, SiteError


def running_site(site: Site) -> None:
    """The firmware cases' site with its guest running and at rest: it has booted once and halted."""
    firmware_site(site)
    site.run("virsh", "start", GUEST)
    first = judged(listen(site))
    if not first.ok:
        raise SiteError(f"the guest did not boot at its first start: {first.said}")


def start_mute(site: Site, guest: str = GUEST) -> None:
    """The guest runs, as libvirt has it, and says nothing: its QEMU is stopped before its firmware asks.

    Its tap is there, and what libvirt made for it; a light guest may speak for it.
    """
    site.run("virsh", "start", guest)
    site.run("sh", "-ec", f"kill -STOP $(cat /run/libvirt/qemu/{guest}.pid)")


def speak_through(site: Site, client: str = "udhcpc") -> Attempt:
    """A real client asks through the tap of the mute guest, as the guest itself would."""
    pid = site.run("cat", f"/run/libvirt/qemu/{GUEST}.pid").strip()
    words = ("--tap", tap(site), "--bridge", site.bridge, "--mac", MAC, "--client", client, "--through", pid)
    done = site.fork("pxedoctor.lab.light_guest", *words)
    if done.returncode != 0:
        raise SiteError(f"nobody can speak through the mute guest's tap: {done.stderr}")
    told = json.loads(done.stdout)
    return Attempt(ok=told["ok"], said=told["said"])


def retry(site: Site) -> Attempt:
    """The running guest tries again, through the tap it has."""
    before = spoken(site)
    site.run("virsh", "reset", GUEST)
    return judged(listen(site, since=before))


def tap(site: Site) -> str:
    """The running guest's only tap."""
    listing = site.run("virsh", "domiflist", GUEST).splitlines()
    return next(line.split()[0] for line in listing[2:] if line.strip())


def make_bridge_anew(site: Site) -> None:
    """The network's bridge goes and comes back under the running guest; another port was in it for a moment."""
    site.run("virsh", "net-destroy", NETWORK)
    site.run("virsh", "net-start", NETWORK)
    lend_a_port(site)
