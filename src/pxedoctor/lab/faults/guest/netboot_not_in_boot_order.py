"""Cases of netboot-not-in-boot-order: everything is there for a boot from the network, and the firmware never asks."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import define_guest, guest_xml, network_interface
from pxedoctor.lab.qemu_guest import SERIAL, boots_the_loader, firmware_site
from pxedoctor.lab.site import Site

_BIOS = "<bios useserial='yes'/>"
_SERIAL = f"<serial type='file'><source path='{SERIAL}'/></serial>"
# A disk with nothing on it: an order that names no device the guest has would be none.
_IMAGE = "/var/lib/libvirt/images/empty.img"
_DISK = f"<disk type='file'><source file='{_IMAGE}'/><target dev='vda' bus='virtio'/></disk>"
_AS_IPXE = ("--client", "ipxe")


def _define(site: Site, order: str) -> None:
    define_guest(site, guest_xml(network_interface() + _SERIAL + _DISK, boot=order, extra=_BIOS))


def _site_with_disk(site: Site) -> None:
    firmware_site(site)
    site.run("truncate", "-s", "1M", _IMAGE)
    _define(site, "network,hd")


def _disk_alone(site: Site) -> None:
    _define(site, "hd")


def _network_too(site: Site) -> None:
    _define(site, "network,hd")


def _network_last(site: Site) -> None:
    _define(site, "hd,network")


CASES: tuple[Case, ...] = (
    Case(
        name="netboot-not-in-boot-order",
        expect=Breaks("netboot-not-in-boot-order"),
        story="A guest that is to be installed over the network, and <boot dev='hd'/> alone in its XML (corpus GF06).",
        build=_site_with_disk,
        inject=_disk_alone,
        heal=_network_too,
        attempt=boots_the_loader,
        words=_AS_IPXE,
        allow_risky=True,
        firmware=True,
    ),
    Case(
        name="netboot-last-in-boot-order",
        expect=Passes(),
        story="The network comes last, and the disk before it has nothing to boot.",
        build=_site_with_disk,
        inject=_network_last,
        attempt=boots_the_loader,
        words=_AS_IPXE,
        firmware=True,
    ),
)
