"""Cases of port-not-forwarding: the uplink towards the LAN's server, and a running guest's own port."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts_bridge import attempt, lan_site, set_uplink
from pxedoctor.lab.running_guest import retry, running_site, tap
from pxedoctor.lab.site import Site


def _no_broadcasts(site: Site) -> None:
    set_uplink(site, "bcast_flood", "off")


def _broadcasts(site: Site) -> None:
    set_uplink(site, "bcast_flood", "on")


def _disabled(site: Site) -> None:
    set_uplink(site, "state", "0")


def _forwarding(site: Site) -> None:
    set_uplink(site, "state", "3")


def _isolated(site: Site) -> None:
    set_uplink(site, "isolated", "on")


def _unicasts_not_flooded(site: Site) -> None:
    set_uplink(site, "flood", "off")


def _guest_disabled(site: Site) -> None:
    site.run("bridge", "link", "set", "dev", tap(site), "state", "0")


def _guest_forwards(site: Site) -> None:
    site.run("bridge", "link", "set", "dev", tap(site), "state", "3")


CASES: tuple[Case, ...] = (
    Case(
        name="port-not-forwarding-uplink-without-broadcasts",
        expect=Breaks("port-not-forwarding"),
        story="Broadcasts are not flooded to the uplink any more, so no DISCOVER reaches the LAN's server (TP11).",
        build=lan_site,
        inject=_no_broadcasts,
        heal=_broadcasts,
        attempt=attempt,
        allow_risky=True,
    ),
    Case(
        name="port-not-forwarding-uplink-disabled",
        expect=Breaks("port-not-forwarding"),
        story="Somebody set the uplink's port to disabled while looking for a loop, and left it so (TP11).",
        build=lan_site,
        inject=_disabled,
        heal=_forwarding,
        attempt=attempt,
        allow_risky=True,
    ),
    Case(
        name="port-not-forwarding",
        expect=Breaks("port-not-forwarding"),
        story="A running guest's port was disabled by hand; there is no STP that would open it again (TP11).",
        build=running_site,
        inject=_guest_disabled,
        heal=_guest_forwards,
        attempt=retry,
        firmware=True,
    ),
    Case(
        name="port-isolated-alone",
        expect=Passes(),
        story="The uplink is isolated and no other port is: isolation is between two isolated ports.",
        build=lan_site,
        inject=_isolated,
        attempt=attempt,
    ),
    Case(
        name="port-without-flooding-that-learns",
        expect=Passes(),
        story="Unknown unicasts are not flooded to the uplink: the server is learnt from what it says.",
        build=lan_site,
        inject=_unicasts_not_flooded,
        attempt=attempt,
    ),
)
