"""Cases of nic-model-without-driver: models of QEMU's that iPXE drives, and one for which there is no ROM."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import define_guest, guest_xml, network_interface
from pxedoctor.lab.qemu_guest import SERIAL, boots_the_loader, firmware_site
from pxedoctor.lab.site import Site


def _of_model(site: Site, model: str) -> None:
    serial = f"<serial type='file'><source path='{SERIAL}'/></serial>"
    interface = network_interface().replace("type='virtio'", f"type='{model}'")
    define_guest(site, guest_xml(interface + serial, boot="network", extra="<bios useserial='yes'/>"))


def _as_built(site: Site) -> None:
    _of_model(site, "virtio")


def _netboot_site(site: Site) -> None:
    """The firmware cases' site, its guest booting from the network alone."""
    firmware_site(site)
    _as_built(site)


def _tulip(site: Site) -> None:
    _of_model(site, "tulip")


def _rtl8139(site: Site) -> None:
    _of_model(site, "rtl8139")


CASES: tuple[Case, ...] = (
    Case(
        name="nic-model-without-driver",
        expect=Breaks("nic-model-without-driver"),
        story="A guest brought from another hypervisor with its DEC tulip: QEMU has the device and no boot ROM for it.",
        build=_netboot_site,
        inject=_tulip,
        heal=_as_built,
        attempt=boots_the_loader,
        mended=False,
    ),
    Case(
        name="nic-model-that-is-old",
        expect=Passes(),
        story="An rtl8139 of twenty years ago, blamed for everything: QEMU has a boot ROM for it (corpus GF05).",
        build=_netboot_site,
        inject=_rtl8139,
        attempt=boots_the_loader,
    ),
)
