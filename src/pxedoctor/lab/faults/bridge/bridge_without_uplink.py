"""Cases of bridge-without-uplink: the server is in the LAN, behind the host's NIC."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts_bridge import attempt, lan_site, served_bridge_site, uplink_name
from pxedoctor.lab.site import Site, SiteError

_NAME = "bridge-without-uplink"


def _unplugged(site: Site) -> None:
    """The NIC's own profile came up, and not the one that makes it a port."""
    site.run("ip", "link", "set", "dev", uplink_name(site), "nomaster")


def _plugged(site: Site) -> None:
    site.run("ip", "link", "set", "dev", uplink_name(site), "master", site.bridge)


def _down(site: Site) -> None:
    site.run("ip", "link", "set", "dev", uplink_name(site), "down")


def _up(site: Site) -> None:
    site.run("ip", "link", "set", "dev", uplink_name(site), "up")


def _no_way_out(site: Site) -> None:
    """Nothing is done: the bridge was made without an uplink, for guests that this host serves itself."""
    ports = site.run("ls", f"/sys/class/net/{site.bridge}/brif").split()
    if ports:
        raise SiteError(f"the decoy is none: {site.bridge} has the ports {ports}")


CASES: tuple[Case, ...] = (
    Case(
        name=_NAME,
        expect=Breaks(_NAME),
        story="After a restart of the network the NIC has its own profile, and is no port of the bridge (BR02).",
        build=lan_site,
        inject=_unplugged,
        heal=_plugged,
        attempt=attempt,
        mended=False,
    ),
    Case(
        name="bridge-without-uplink-down",
        expect=Breaks(_NAME),
        story="Somebody set the uplink down to look at it, and left it so (BR02).",
        build=lan_site,
        inject=_down,
        heal=_up,
        attempt=attempt,
    ),
    Case(
        name="bridge-without-uplink-served-here",
        expect=Passes(),
        story="A bridge without any uplink, on which this host's own dnsmasq serves the guests.",
        build=served_bridge_site,
        inject=_no_way_out,
        attempt=attempt,
    ),
)
