"""Cases of macvtap-host-unreachable: the guest is moved from the host's bridge to a macvtap of it."""

import json

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import GUEST, MAC, bridge_interface, cold_start, define_guest, guest_xml
from pxedoctor.lab.parts_bridge import served_bridge_site
from pxedoctor.lab.site import Site


def _macvtap(site: Site, name: str) -> None:
    words = ("link", "add", "link", site.bridge, "name", name, "address", MAC, "type", "macvtap", "mode", "bridge")
    site.run("ip", *words)
    site.run("ip", "link", "set", "dev", name, "up")


def _defined_direct(site: Site) -> None:
    source = f"<source dev='{site.bridge}' mode='bridge'/>"
    define_guest(
        site, guest_xml(f"<interface type='direct'>{source}<mac address='{MAC}'/><model type='virtio'/></interface>")
    )


def _defined_in_bridge(site: Site) -> None:
    define_guest(site, guest_xml(bridge_interface(site.bridge)))


def _attempt(site: Site) -> Attempt:
    """With the NIC of its definition, as libvirt would make it."""
    if "type='direct'" not in site.run("virsh", "dumpxml", "--inactive", GUEST):
        return cold_start(site)
    name = site.device("mv")
    _macvtap(site, name)
    words = ("--tap", name, "--bridge", site.bridge, "--mac", MAC, "--macvtap")
    told = json.loads(site.fork("pxedoctor.lab.light_guest", *words).stdout)
    site.run("ip", "link", "delete", "dev", name)
    return Attempt(ok=told["ok"], said=told["said"])


def _a_macvtap_beside(site: Site) -> None:
    """Somebody else's, on the same bridge: the bridge's own guests are served as before."""
    _macvtap(site, site.device("ot"))
    site.run("ip", "link", "set", "dev", site.device("ot"), "address", "52:54:00:0d:0d:77")


CASES: tuple[Case, ...] = (
    Case(
        name="macvtap-host-unreachable",
        expect=Breaks("macvtap-host-unreachable"),
        story="The guest was made a macvtap of br0, for speed; its DHCP server is the host's own dnsmasq (TP05).",
        build=served_bridge_site,
        inject=_defined_direct,
        heal=_defined_in_bridge,
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
