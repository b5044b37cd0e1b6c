"""Cases of boot-file-not-offered: the lease comes, and no boot file with it."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import (
    bridge_interface,
    cold_start,
    define_guest,
    guest_xml,
    network_interface,
    restart_network,
)
from pxedoctor.lab.parts_boot import FILE, ROOT, boot_site, boot_xml, boots, names, put_file, with_options
from pxedoctor.lab.parts_bridge import LAN_SERVER, PREFIX, dhcpd_site
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


def _dhcpd(site: Site, more: str) -> None:
    """ISC dhcpd on the host's bridge names the file, and in.tftpd beside it serves it."""
    site.ask("sh", "-c", "kill $(cat /var/run/dhcpd.pid) && sleep 0.3")
    conf = f'authoritative;\nfilename "{FILE}";\n{more}\nsubnet {PREFIX}.0 netmask 255.255.255.0 '
    site.write("/etc/dhcp/dhcpd.conf", f"{conf}{{ range {PREFIX}.10 {PREFIX}.99; }}\n")
    site.run("dhcpd", "-4", "-q", "-cf", "/etc/dhcp/dhcpd.conf", site.bridge)


def _dhcpd_site(site: Site) -> None:
    dhcpd_site(site)
    define_guest(site, guest_xml(bridge_interface(site.bridge), boot="network"))
    put_file(site)
    site.run("in.tftpd", "--listen", "--user", "tftp", "--address", ":69", "--secure", ROOT)
    _with_next_server(site)


def _with_next_server(site: Site) -> None:
    _dhcpd(site, f"next-server {LAN_SERVER};")


def _without_next_server(site: Site) -> None:
    _dhcpd(site, "")


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
        name="boot-file-offered-without-its-server",
        expect=Breaks("boot-file-not-offered"),
        story="ISC dhcpd names the file, and without next-server iPXE has nowhere to fetch it from (corpus DS20).",
        build=_dhcpd_site,
        inject=_without_next_server,
        heal=_with_next_server,
        attempt=boots,
        mended=False,
        probe=True,
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
