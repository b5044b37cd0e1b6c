"""libvirt's own rules for each kind of network, written by the real daemon on an empty host: DHCP passes."""

import pytest

from pxedoctor.lab import loader
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import (
    cold_start,
    define_guest,
    guest_xml,
    network_interface,
    network_xml,
    restart_network,
    start_libvirt,
)
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab

_IPV6 = """<ip family='ipv6' address='fd00:150::1' prefix='64'>
    <dhcp><range start='fd00:150::10' end='fd00:150::ff'/></dhcp></ip>
</network>"""
_TFTP_ROOT = "/var/lib/libvirt/images"
_TFTP = f"<tftp root='{_TFTP_ROOT}'/>"


def definition(site: Site, kind: str) -> str:
    match kind:
        case "nat" | "route" | "open":
            return network_xml(site, stp="off", mode=kind)
        case "isolated":
            return network_xml(site, stp="off", mode="")
        case "nat with tftp":
            xml = network_xml(site, stp="off", extra=_TFTP)
            return xml.replace("<dhcp>", "<dhcp><bootp file='boot.0'/>")
        case _:
            return network_xml(site, stp="off").replace("</network>", _IPV6)


@pytest.mark.parametrize("kind", ["nat", "route", "isolated", "open", "nat with tftp", "nat with ipv6"])
def test_dhcp_passes(kind: str) -> None:
    with open_site() as site:
        start_libvirt(site)
        loader.put(site, f"{_TFTP_ROOT}/boot.0")
        restart_network(site, definition(site, kind))
        site.run("virsh", "net-autostart", "lab")
        define_guest(site, guest_xml(network_interface()))
        told = site.doctor("diagnose", "--verbose")
        assert told.exit_code == 0, told.document
        assert not told.names()
        fates = {road["packet"]: {hop["predicted"] for hop in road["hops"]} for road in told.document["roads"]}
        for packet in ("DISCOVER", "OFFER-UNICAST", "OFFER-BROADCAST", "REQUEST", "ACK-UNICAST", "ACK-BROADCAST"):
            assert fates[packet] == {"pass"}, (packet, told.document["roads"])
        attempt = cold_start(site)
        assert attempt.ok, attempt.said
