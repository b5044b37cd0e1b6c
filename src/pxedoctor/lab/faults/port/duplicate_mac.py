"""Cases of duplicate-mac: the host's bridge has a guest's MAC; and a guest that is off has another's."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import GUEST, MAC, bridge_interface, guest_xml
from pxedoctor.lab.parts_bridge import BRIDGE_MAC, attempt, served_bridge_site
from pxedoctor.lab.site import Site


def _set_mac(site: Site, mac: str) -> None:
    site.run("ip", "link", "set", "dev", site.bridge, "address", mac)


def _copied_guest(site: Site) -> None:
    """`virsh dumpxml`, another name and UUID, and nobody thought of the MAC. It is off."""
    xml = guest_xml(bridge_interface(site.bridge)).replace(GUEST, "app01").replace("0d02</uuid>", "0d03</uuid>")
    site.write("/tmp/copy.xml", xml)
    site.run("virsh", "define", "/tmp/copy.xml")


CASES: tuple[Case, ...] = (
    Case(
        name="duplicate-mac",
        expect=Breaks("duplicate-mac"),
        story="The host was installed anew, and its bridge was given the MAC that a guest had got meanwhile (TP10).",
        build=served_bridge_site,
        inject=lambda site: _set_mac(site, MAC),
        heal=lambda site: _set_mac(site, BRIDGE_MAC),
        attempt=attempt,
        mended=False,
    ),
    Case(
        name="duplicate-mac-of-a-guest-that-is-off",
        expect=Passes(),
        story="A copy of the guest's definition with the same MAC, kept as a spare: it never runs (TP10).",
        build=served_bridge_site,
        inject=_copied_guest,
        attempt=attempt,
    ),
)
