"""Cases of vlan-filtering-drops-port: for a whole machine, because the kernel under a site may not filter by VLAN."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import cold_start, libvirt_site
from pxedoctor.lab.site import Site

_LACKS = "bridges that filter by VLAN (CONFIG_BRIDGE_VLAN_FILTERING)"


def _bridge(site: Site, *words: str) -> None:
    site.run("ip", "link", "set", "dev", site.bridge, "type", "bridge", *words)


def _filtering_site(site: Site) -> None:
    libvirt_site(site)
    _bridge(site, "vlan_filtering", "1")


def _new_ports_elsewhere(site: Site) -> None:
    """New ports come into VLAN 20, and the bridge itself stays in VLAN 1 only."""
    _bridge(site, "vlan_default_pvid", "20")
    site.run("bridge", "vlan", "del", "dev", site.bridge, "vid", "20", "self")
    site.run("bridge", "vlan", "add", "dev", site.bridge, "vid", "1", "pvid", "untagged", "self")


def _as_built(site: Site) -> None:
    _bridge(site, "vlan_default_pvid", "1")


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="vlan-filtering-drops-port",
        expect=Breaks("vlan-filtering-drops-port"),
        story="Each new tap is put into VLAN 20, and the bridge itself is in VLAN 1 only (corpus BR03).",
        build=_filtering_site,
        inject=_new_ports_elsewhere,
        heal=_as_built,
        attempt=_attempt,
        # The guest is off, and its port will be another one when it starts: nothing can be set on it now.
        mended=False,
        ground="machine",
        lacks=_LACKS,
    ),
    Case(
        name="vlan-filtering-by-default",
        expect=Passes(),
        story="The bridge filters by VLAN, and everything is in VLAN 1, as the kernel sets it up: nothing is lost.",
        build=_filtering_site,
        attempt=_attempt,
        ground="machine",
        lacks=_LACKS,
    ),
)
