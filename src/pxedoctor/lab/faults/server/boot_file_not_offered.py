"""Cases of boot-file-not-offered: the lease comes, and no boot file with it."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import cold_start, define_guest, guest_xml, network_interface, restart_network
from pxedoctor.lab.parts_boot import boot_site, boot_xml, boots, names, with_options
from pxedoctor.lab.site import Site


def _without_bootp(site: Site) -> None:
    restart_network(site, boot_xml(site, ""))


def _with_bootp(site: Site) -> None:
    restart_network(site, boot_xml(site, names()))


def _has_a_disk(site: Site) -> None:
    """The guest was installed long ago: its disk comes after the network, and nobody names a boot file any more."""
    define_guest(site, guest_xml(network_interface(), boot="network,hd"))
    _without_bootp(site)


def _named_by_options(site: Site) -> None:
    """No <bootp>: the file is in a line for dnsmasq's own configuration, for iPXE alone."""
    lines = ("dhcp-match=set:ipxe,175", "dhcp-boot=tag:ipxe,boot.0")
    restart_network(site, with_options(boot_xml(site, ""), *lines))


CASES: tuple[Case, ...] = (
    Case(
        name="boot-file-not-offered",
        expect=Breaks("boot-file-not-offered"),
        story="The network serves files by <tftp root>, and no <bootp> says which one to boot (corpus DS19, PXE-E53).",
        build=boot_site,
        inject=_without_bootp,
        heal=_with_bootp,
        attempt=boots,
        mended=False,
    ),
    Case(
        name="boot-file-not-offered-and-not-needed",
        expect=Passes(),
        story="No boot file is named, and the guest, installed long ago, goes on to its disk.",
        build=boot_site,
        inject=_has_a_disk,
        attempt=cold_start,
    ),
    Case(
        name="boot-file-offered-by-a-tag",
        expect=Passes(),
        story="No <bootp>: a line of dnsmasq's in <dnsmasq:options> names the file to iPXE.",
        build=boot_site,
        inject=_named_by_options,
        attempt=boots,
    ),
)
