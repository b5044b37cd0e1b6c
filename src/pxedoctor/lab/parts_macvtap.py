"""Parts of sites whose guest is on a macvtap, made as libvirt makes it, or on the host's bridge."""

import json

from pxedoctor.lab.case import Attempt
from pxedoctor.lab.parts import GUEST, MAC, bridge_interface, cold_start, define_guest, guest_xml
from pxedoctor.lab.site import Site


def make_macvtap(site: Site, lower: str, name: str) -> None:
    words = ("link", "add", "link", lower, "name", name, "address", MAC, "type", "macvtap", "mode", "bridge")
    site.run("ip", *words)
    site.run("ip", "link", "set", "dev", name, "up")


def define_direct(site: Site, lower: str) -> None:
    source = f"<source dev='{lower}' mode='bridge'/>"
    define_guest(
        site, guest_xml(f"<interface type='direct'>{source}<mac address='{MAC}'/><model type='virtio'/></interface>")
    )


def define_in_bridge(site: Site) -> None:
    define_guest(site, guest_xml(bridge_interface(site.bridge)))


def cold_start_as_defined(site: Site, lower: str) -> Attempt:
    """With the NIC of the guest's definition: a macvtap of `lower`, or a tap in the site's bridge."""
    if "type='direct'" not in site.run("virsh", "dumpxml", "--inactive", GUEST):
        return cold_start(site)
    name = site.device("mv")
    make_macvtap(site, lower, name)
    words = ("--tap", name, "--bridge", lower, "--mac", MAC, "--macvtap")
    told = json.loads(site.fork("pxedoctor.lab.light_guest", *words).stdout)
    site.run("ip", "link", "delete", "dev", name)
    return Attempt(ok=told["ok"], said=told["said"])
