"""Cases of guest-memory-too-small: real QEMU, SeaBIOS and iPXE, which has only the guest's memory to put a file in."""

from pxedoctor.lab import loader
from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import define_guest, guest_xml, network_interface
from pxedoctor.lab.qemu_guest import ROOT, SERIAL, boots_the_loader, firmware_site
from pxedoctor.lab.site import Site

_FILE = f"{ROOT}/{loader.FILE}"


def _define(site: Site, mebibytes: int) -> None:
    serial = f"<serial type='file'><source path='{SERIAL}'/></serial>"
    xml = guest_xml(network_interface() + serial, boot="network", extra="<bios useserial='yes'/>")
    define_guest(site, xml.replace("<memory unit='MiB'>64<", f"<memory unit='MiB'>{mebibytes}<"))


def _netboot_site(site: Site) -> None:
    """The firmware cases' site, its guest of 64 MiB booting from the network alone."""
    firmware_site(site)
    _define(site, 64)


def _large_file(site: Site) -> None:
    """The loader, and nothing behind it up to 96 MiB."""
    site.run("truncate", "-s", "96M", _FILE)


def _small_file(site: Site) -> None:
    site.run("truncate", "-s", str(len(loader.program())), _FILE)


def _little_memory(site: Site) -> None:
    _define(site, 16)


CASES: tuple[Case, ...] = (
    Case(
        name="guest-memory-too-small",
        expect=Breaks("guest-memory-too-small"),
        story="A guest of 64 MiB is sent a boot file of 96: iPXE has no room for it (corpus GF12).",
        build=_netboot_site,
        inject=_large_file,
        heal=_small_file,
        attempt=boots_the_loader,
        mended=False,
    ),
    Case(
        name="guest-memory-small-and-enough",
        expect=Passes(),
        story="A guest of 16 MiB, which nobody would give today, and a boot file of a few kB.",
        build=_netboot_site,
        inject=_little_memory,
        attempt=boots_the_loader,
    ),
)
