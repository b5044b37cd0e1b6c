"""Cases of macvtap-host-unreachable: the guest is moved from the host's bridge to a macvtap of it."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts_bridge import served_bridge_site
from pxedoctor.lab.parts_macvtap import cold_start_as_defined, define_direct, define_in_bridge, make_macvtap
from pxedoctor.lab.site import Site


def _defined_direct(site: Site) -> None:
    define_direct(site, site.bridge)


def _attempt(site: Site) -> Attempt:
    return cold_start_as_defined(site, site.bridge)


def _a_macvtap_beside(site: Site) -> None:
    """Somebody else's, on the same bridge: the bridge's own guests are served as before."""
    make_macvtap(site, site.bridge, site.device("ot"))
    site.run("ip", "link", "set", "dev", site.device("ot"), "address", "52:54:00:0d:0d:77")


CASES: tuple[Case, ...] = (
    Case(
        name="macvtap-host-unreachable",
        expect=Breaks("macvtap-host-unreachable"),
        story="The guest was made a macvtap of br0, for speed; its DHCP server is the host's own dnsmasq (TP05).",
        build=served_bridge_site,
        inject=_defined_direct,
        heal=define_in_bridge,
        attempt=_attempt,
        mended=False,
    ),
    Case(
        name="macvtap-beside-the-bridge",
        expect=Passes(),
        story="A macvtap of br0 that is another's: what is plugged into br0 reaches the host all the same (TP05).",
        build=served_bridge_site,
        inject=_a_macvtap_beside,
        attempt=_attempt,
    ),
)
