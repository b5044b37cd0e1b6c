"""Cases of bridge-down."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import cold_start, libvirt_site
from pxedoctor.lab.site import Site, SiteError


def _down(site: Site) -> None:
    site.run("ip", "link", "set", "dev", site.bridge, "down")


def _up(site: Site) -> None:
    site.run("ip", "link", "set", "dev", site.bridge, "up")


def _shown_as_down(site: Site) -> None:
    """Nothing is done: a bridge whose only ports have no carrier is "state DOWN" in every listing."""
    shown = site.run("ip", "-br", "link", "show", "dev", site.bridge)
    if "DOWN" not in shown.split():
        raise SiteError(f"the decoy is none: {shown}")


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="bridge-down",
        expect=Breaks("bridge-down"),
        story="Somebody set the bridge down; taps are up, and the guest's firmware sees a link (PXE-E51).",
        build=libvirt_site,
        inject=_down,
        heal=_up,
        attempt=_attempt,
    ),
    Case(
        name="bridge-without-carrier",
        expect=Passes(),
        story='No guest runs, so `ip link` calls the bridge "state DOWN": it is up, and the next guest is served.',
        build=libvirt_site,
        inject=_shown_as_down,
        attempt=_attempt,
    ),
)
