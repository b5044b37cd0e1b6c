"""Cases of link-down. The light guest does as QEMU does for such a NIC: its guest sees no carrier."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import GUEST, MAC, cold_start, libvirt_site
from pxedoctor.lab.site import Site


def _set(site: Site, state: str) -> None:
    site.run("virsh", "domif-setlink", GUEST, MAC, state, "--config")


def _plugged_in(site: Site) -> None:
    libvirt_site(site)
    _set(site, "up")


def _attempt(site: Site) -> Attempt:
    down = "<link state='down'/>" in site.run("virsh", "dumpxml", "--inactive", GUEST)
    return cold_start(site, None, "udhcpc", *(("--unplugged",) if down else ()))


def _parked_tap(site: Site) -> None:
    """As libvirt before 9 left `virbr0-nic`, and as scripts leave taps that no QEMU has opened."""
    name = site.device("pk")
    site.run("ip", "tuntap", "add", "dev", name, "mode", "tap")
    site.run("ip", "link", "set", "dev", name, "master", site.bridge)
    site.run("ip", "link", "set", "dev", name, "up")


CASES: tuple[Case, ...] = (
    Case(
        name="link-down",
        expect=Breaks("link-down"),
        story="`virsh domif-setlink web01 ... down --config`, done for a test and forgotten (TP12).",
        build=_plugged_in,
        inject=lambda site: _set(site, "down"),
        heal=lambda site: _set(site, "up"),
        attempt=_attempt,
        allow_risky=True,
    ),
    Case(
        name="link-of-a-parked-tap",
        expect=Passes(),
        story="A tap in the bridge that nobody holds open: NO-CARRIER, its port disabled, and no guest's (TP12).",
        build=libvirt_site,
        inject=_parked_tap,
        attempt=_attempt,
    ),
)
