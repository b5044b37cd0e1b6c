"""A host's own bridge, made by Debian's ifupdown and bridge-utils from /etc/network/interfaces, with a DHCP server."""

from pxedoctor.lab.host_bridge import serve_bridge, uplink_name
from pxedoctor.lab.parts import bridge_interface, define_guest, guest_xml, start_libvirt
from pxedoctor.lab.parts_bridge import await_good_addresses
from pxedoctor.lab.site import Site

INTERFACES = "/etc/network/interfaces"
_SOURCED = "/etc/network/interfaces.d/bridges"


def interfaces_text(site: Site, delay: int, stp: str = "on") -> str:
    return (
        "# Bridges of this hypervisor. `bridge_maxwait 0`: do not wait for the wire.\n"
        f"auto {site.bridge}\n"
        f"iface {site.bridge} inet static\n"
        "    address 192.168.151.1/24\n"
        f"    bridge_ports {uplink_name(site)}   \n"
        "    bridge_hw 52:54:00:0d:0e:01\n"
        f"    bridge_stp {stp}\n"
        f"    bridge_fd {delay}\n"
        "    bridge_maxwait 0\n"
    )


def configure(site: Site, delay: int, stp: str = "on") -> None:
    site.write(_SOURCED, interfaces_text(site, delay, stp))


def restart_networking(site: Site) -> None:
    """What a reboot does to the bridge: it is made anew from the file."""
    site.ask("ifdown", site.bridge)
    site.run("ifup", site.bridge)


def ifupdown_site(site: Site) -> None:
    """STP on with 2 s, in a sourced file; dnsmasq on the bridge, and a guest that is off."""
    start_libvirt(site)
    site.write(INTERFACES, "source /etc/network/interfaces.d/*\n")
    configure(site, delay=2)
    site.run("mkdir", "-p", "/run/network")
    # A wire with nobody at its other end: it gives the bridge its carrier.
    site.run("ip", "link", "add", uplink_name(site), "type", "veth", "peer", "name", site.device("wr"))
    site.run("ip", "link", "set", "dev", site.device("wr"), "up")
    site.run("ifup", site.bridge)
    serve_bridge(site, site.bridge)
    define_guest(site, guest_xml(bridge_interface(site.bridge)))
    await_good_addresses(site)


def delay_of_15(site: Site) -> None:
    """As an administrator leaves it who followed the manual: in the file, and in force."""
    configure(site, delay=15)
    _live(site, 1500)


def as_built(site: Site) -> None:
    configure(site, delay=2)
    _live(site, 200)


def _live(site: Site, hundredths: int) -> None:
    site.run("ip", "link", "set", "dev", site.bridge, "type", "bridge", "forward_delay", str(hundredths))
