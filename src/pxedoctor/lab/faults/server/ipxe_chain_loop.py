"""Cases of ipxe-chain-loop: iPXE is handed iPXE."""

from pxedoctor.lab import loader
from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import restart_network
from pxedoctor.lab.parts_boot import boot_site, boot_xml, boots, put_file, with_options
from pxedoctor.lab.qemu_guest import ROOT, ROUTER, boot, boot_network_xml, firmware_site
from pxedoctor.lab.site import Site

_IPXE = "/usr/lib/ipxe/undionly.kpxe"
_FILE = "undionly.kpxe"


def _always_ipxe(site: Site) -> None:
    site.run("cp", _IPXE, f"{ROOT}/{_FILE}")
    restart_network(site, boot_network_xml(site, stp="off", extra=ROUTER, file=_FILE))


def _the_loader(site: Site) -> None:
    restart_network(site, boot_network_xml(site, stp="off", extra=ROUTER))
    site.run("rm", f"{ROOT}/{_FILE}")
    # A bridge's IPv6 addresses work from its first carrier on, and the site's first picture was taken after a start.
    boot(site)


def _script_for_ipxe(site: Site) -> None:
    """As ipxe.org shows it: iPXE is told by its option 175, and gets a script; everybody else gets iPXE."""
    site.run("cp", _IPXE, f"{ROOT}/{_FILE}")
    put_file(site, "boot.ipxe", f"#!ipxe\nchain {loader.FILE}\n".encode())
    lines = ("dhcp-match=set:ipxe,175", "dhcp-boot=tag:ipxe,boot.ipxe", f"dhcp-boot=tag:!ipxe,{_FILE}")
    restart_network(site, with_options(boot_xml(site, ""), *lines))


CASES: tuple[Case, ...] = (
    Case(
        name="ipxe-chain-loop",
        expect=Breaks("ipxe-chain-loop"),
        story="<bootp> names undionly.kpxe, and the guest's ROM is iPXE already (corpus DS27).",
        build=firmware_site,
        inject=_always_ipxe,
        heal=_the_loader,
        attempt=boot,
        mended=False,
        firmware=True,
    ),
    Case(
        name="ipxe-chain-ends-in-a-script",
        expect=Passes(),
        story="undionly.kpxe is for others; iPXE, known by its option 175, is handed a script.",
        build=boot_site,
        inject=_script_for_ipxe,
        attempt=boots,
    ),
)
