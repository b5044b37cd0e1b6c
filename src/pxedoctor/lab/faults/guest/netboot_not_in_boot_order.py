"""Cases of netboot-not-in-boot-order: everything is there for a boot from the network, and the firmware never asks."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import define_guest, guest_xml, network_interface
from pxedoctor.lab.qemu_guest import SERIAL, boots_the_loader, firmware_site
from pxedoctor.lab.site import Site

_BIOS = "<bios useserial='yes'/>"
_SERIAL = f"<serial type='file'><source path='{SERIAL}'/></serial>"
_AS_IPXE = ("--client", "ipxe")


def _disk_alone(site: Site) -> None:
    define_guest(site, guest_xml(network_interface() + _SERIAL, boot="hd", extra=_BIOS))


def _network_too(site: Site) -> None:
    define_guest(site, guest_xml(network_interface() + _SERIAL, extra=_BIOS))


def _network_last(site: Site) -> None:
    define_guest(site, guest_xml(network_interface() + _SERIAL, boot="hd,network", extra=_BIOS))


CASES: tuple[Case, ...] = (
    Case(
        name="netboot-not-in-boot-order",
        expect=Breaks("netboot-not-in-boot-order"),
        story="A guest that is to be installed over the network, and <boot dev='hd'/> alone in its XML (corpus GF06).",
        build=firmware_site,
        inject=_disk_alone,
        heal=_network_too,
        attempt=boots_the_loader,
        words=_AS_IPXE,
        mended=False,
        firmware=True,
    ),
    Case(
        name="netboot-last-in-boot-order",
        expect=Passes(),
        story="The network comes last, and the disk before it has nothing to boot.",
        build=firmware_site,
        inject=_network_last,
        attempt=boots_the_loader,
        words=_AS_IPXE,
        firmware=True,
    ),
)
