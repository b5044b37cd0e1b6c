"""Cases of address-on-enslaved-nic: the host serves its guests and its LAN, through one NIC that became a port."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts_bridge import (
    LAN_SERVER,
    attempt,
    plug_in_from_elsewhere,
    serve,
    served_bridge_site,
    stop_serving,
    uplink_name,
)
from pxedoctor.lab.site import Site

_BRIDGE_ADDRESS = f"{LAN_SERVER}/24"


def _with_uplink(site: Site) -> None:
    served_bridge_site(site)
    site.run("ip", "netns", "add", "lan")
    plug_in_from_elsewhere(site, "lan", "lan0")
    site.run("ip", "netns", "exec", "lan", "ip", "link", "set", "dev", "lan0", "up")


def _move(site: Site, before: str, after: str) -> None:
    """The host's address and its server."""
    stop_serving(site)
    site.run("ip", "address", "del", _BRIDGE_ADDRESS, "dev", before)
    site.run("ip", "address", "add", _BRIDGE_ADDRESS, "dev", after)
    serve(site, after)


def _second_address(site: Site) -> None:
    """The NIC's own profile gives it a private address beside the bridge's; nothing listens there."""
    site.run("ip", "address", "add", "10.77.0.1/24", "dev", uplink_name(site))


CASES: tuple[Case, ...] = (
    Case(
        name="address-on-enslaved-nic",
        expect=Breaks("address-on-enslaved-nic"),
        story="The NIC became a port, and the host's address and dnsmasq's interface= stayed with it (BR10).",
        build=_with_uplink,
        inject=lambda site: _move(site, site.bridge, uplink_name(site)),
        heal=lambda site: _move(site, uplink_name(site), site.bridge),
        attempt=attempt,
        mended=False,
    ),
    Case(
        name="address-on-enslaved-nic-of-nobodys",
        expect=Passes(),
        story="A port has an address besides, and the host serves on the bridge: a risk for the host (BR10).",
        build=_with_uplink,
        inject=_second_address,
        attempt=attempt,
        also=("address-on-enslaved-nic",),
    ),
)
