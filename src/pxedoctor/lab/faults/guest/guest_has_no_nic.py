"""Cases of guest-has-no-nic: a guest whose definition names a bridge or a network that is not there."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import (
    NETWORK,
    bridge_interface,
    define_guest,
    guest_xml,
    libvirt_site,
    network_interface,
    start_by_libvirt,
)
from pxedoctor.lab.site import Site


def _on(site: Site, interface: str) -> None:
    define_guest(site, guest_xml(interface))


def _as_built(site: Site) -> None:
    _on(site, network_interface())


def _on_a_bridge_of_another_host(site: Site) -> None:
    _on(site, bridge_interface(site.device("no")))


def _on_a_network_of_another_host(site: Site) -> None:
    _on(site, network_interface().replace(f"network='{NETWORK}'", "network='lan'"))


def _on_a_nic(site: Site) -> None:
    """What an administrator takes for a bridge is the NIC that is one of its ports."""
    nic = site.device("nc")
    site.run("ip", "link", "add", nic, "type", "veth", "peer", "name", site.device("np"))
    site.run("ip", "link", "set", "dev", nic, "up")
    _on(site, bridge_interface(nic))


def _without_the_nic(site: Site) -> None:
    _as_built(site)
    site.run("ip", "link", "delete", "dev", site.device("nc"))


def _on_the_networks_bridge(site: Site) -> None:
    """The guest names the bridge of libvirt's network instead of the network."""
    _on(site, bridge_interface(site.bridge))


CASES: tuple[Case, ...] = (
    Case(
        name="guest-on-no-bridge",
        expect=Breaks("guest-has-no-nic"),
        story="A definition from another host, whose bridge this one does not have (corpus TP02).",
        build=libvirt_site,
        inject=_on_a_bridge_of_another_host,
        heal=_as_built,
        attempt=start_by_libvirt,
        mended=False,
    ),
    Case(
        name="guest-on-no-network",
        expect=Breaks("guest-has-no-nic"),
        story="A definition from another host, whose virtual network this one does not have.",
        build=libvirt_site,
        inject=_on_a_network_of_another_host,
        heal=_as_built,
        attempt=start_by_libvirt,
        mended=False,
    ),
    Case(
        name="guest-on-a-nic",
        expect=Breaks("guest-has-no-nic"),
        story="<source bridge> names a NIC: Unable to add bridge port, Operation not supported (corpus BR02).",
        build=libvirt_site,
        inject=_on_a_nic,
        heal=_without_the_nic,
        attempt=start_by_libvirt,
        mended=False,
    ),
    Case(
        name="guest-on-a-networks-bridge",
        expect=Passes(),
        story="The guest names the bridge that libvirt's network has made.",
        build=libvirt_site,
        inject=_on_the_networks_bridge,
        attempt=start_by_libvirt,
    ),
)
