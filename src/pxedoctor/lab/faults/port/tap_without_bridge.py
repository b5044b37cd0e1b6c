"""Cases of tap-without-bridge. The guest runs on, and tries again by a reset: a cold start would make a new tap."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import bridge_interface, define_guest, guest_xml
from pxedoctor.lab.running_guest import make_bridge_anew, retry, running_site, tap
from pxedoctor.lab.site import Site


def _plug_in(site: Site) -> None:
    site.run("ip", "link", "set", "dev", tap(site), "master", site.bridge)


def _define_elsewhere(site: Site) -> None:
    define_guest(site, guest_xml(bridge_interface(site.device("no"))))


CASES: tuple[Case, ...] = (
    Case(
        name="tap-without-bridge",
        expect=Breaks("tap-without-bridge"),
        story="net-destroy and net-start under a running guest: the new bridge has no ports, the tap no bridge (TP01).",
        build=running_site,
        inject=make_bridge_anew,
        heal=_plug_in,
        attempt=retry,
        firmware=True,
    ),
    Case(
        name="tap-on-another-bridge-than-defined",
        expect=Passes(),
        story="The guest was defined anew while it ran, for a bridge that does not exist: what it runs with counts.",
        build=running_site,
        inject=_define_elsewhere,
        attempt=retry,
        firmware=True,
    ),
)
