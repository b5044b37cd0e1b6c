"""Sites whose guest has nothing but the network to boot from, and the boot files that are served to it."""

from pxedoctor.lab import loader
from pxedoctor.lab.case import Attempt
from pxedoctor.lab.parts import (
    bridge_interface,
    cold_start,
    define_guest,
    guest_xml,
    network_and_guest,
    network_interface,
    network_xml,
    start_libvirt,
)
from pxedoctor.lab.parts_bridge import served_bridge_site
from pxedoctor.lab.site import Site

ROOT = "/srv/tftp"
FILE = "boot.0"
NETBOOT_ONLY = "network"


def put_file(site: Site, name: str = FILE, content: bytes = b"") -> str:
    """The loader, or `content`, as a file of the TFTP root, which everybody may read; returns its path."""
    path = f"{ROOT}/{name}"
    loader.put(site, path)
    if content:
        site.path(path).write_bytes(content)
    site.run("chmod", "-R", "a+rX", ROOT)
    return path


def boot_xml(site: Site, bootp: str, root: str = ROOT, mode: str = "nat") -> str:
    """A network that serves `root` by TFTP ("" for none); `bootp` is its element, or "" for none."""
    extra = f"<tftp root='{root}'/>" if root else ""
    return network_xml(site, stp="off", mode=mode, extra=extra).replace("<dhcp>", f"<dhcp>{bootp}")


def with_options(xml: str, *lines: str) -> str:
    """The network's definition with lines for its dnsmasq's own configuration."""
    options = "".join(f"<d:option value='{line}'/>" for line in lines)
    namespace = "xmlns:d='http://libvirt.org/schemas/network/dnsmasq/1.0'"
    xml = xml.replace("<network>", f"<network {namespace}>")
    return xml.replace("</network>", f"<d:options>{options}</d:options></network>")


def names(file: str = FILE, server: str = "") -> str:
    where = f" server='{server}'" if server else ""
    return f"<bootp file='{file}'{where}/>"


def boot_site(site: Site) -> None:
    """A nat network of libvirt that serves and names a boot file, and a guest that boots from nothing else."""
    start_libvirt(site)
    put_file(site)
    network_and_guest(site, boot_xml(site, names()), guest_xml(network_interface(), boot=NETBOOT_ONLY))


def own_boot_site(site: Site) -> None:
    """As `served_bridge_site` with TFTP, its guest booting from nothing else."""
    served_bridge_site(site, tftp=True)
    define_guest(site, guest_xml(bridge_interface(site.bridge), boot=NETBOOT_ONLY))


def boots(site: Site) -> Attempt:
    """A cold start as iPXE in a BIOS guest: a lease, and the file that came with it."""
    return cold_start(site, None, "udhcpc", "--boot", "ipxe")


def boots_by_http(site: Site) -> Attempt:
    """The same as UEFI's HTTP boot: it takes a URL that is marked for it, and nothing else."""
    return cold_start(site, None, "udhcpc", "--boot", "http")


def boots_as_uefi(site: Site) -> Attempt:
    return cold_start(site, None, "udhcpc", "--boot", "uefi")
