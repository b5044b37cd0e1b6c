"""Cases of dhcp-reply-masqueraded."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import libvirt_site
from pxedoctor.lab.parts_bridge import PREFIX, served_bridge_site
from pxedoctor.lab.site import Site
from pxedoctor.lab.strict_guest import firmware, listener
from pxedoctor.lab.uefi_guest import uefi_site

_NAME = "dhcp-reply-masqueraded"
_EDK2 = ("--client", "ovmf")
# libvirt puts it in front of its MASQUERADE rules; it is the second of its chain.
_RETURN = ("-s", "192.168.150.0/24", "-d", "255.255.255.255/32", "-j", "RETURN")


def _return_removed(site: Site) -> None:
    site.run("iptables", "-w", "-t", "nat", "-D", "LIBVIRT_PRT", *_RETURN)


def _return_there(site: Site) -> None:
    site.run("iptables", "-w", "-t", "nat", "-I", "LIBVIRT_PRT", "2", *_RETURN)


def _bridge_with_nat(site: Site) -> None:
    """Its guests reach the world through this host: masqueraded by the administrator, as it should be."""
    served_bridge_site(site)
    _masquerade(site, "-A", "!", "-d", f"{PREFIX}.0/24", "!", "-o", site.bridge)


def _masquerade(site: Site, action: str, *conditions: str) -> None:
    words = (action, "POSTROUTING", "-s", f"{PREFIX}.0/24", *conditions, "-j", "MASQUERADE")
    site.run("iptables", "-w", "-t", "nat", *words)


def _all_of_it_at_random(site: Site) -> None:
    site.run("iptables", "-w", "-t", "nat", "-A", "POSTROUTING", *_RANDOM)


def _no_longer_at_random(site: Site) -> None:
    site.run("iptables", "-w", "-t", "nat", "-D", "POSTROUTING", *_RANDOM)


_RANDOM = ("-s", f"{PREFIX}.0/24", "-j", "MASQUERADE", "--random")


def _all_of_it(site: Site) -> None:
    _masquerade(site, "-A")


CASES: tuple[Case, ...] = (
    Case(
        name=_NAME,
        expect=Breaks(_NAME),
        story="libvirt's MASQUERADE without its RETURN for 255.255.255.255: OFFERs from a port above 1023 (NF13).",
        build=libvirt_site,
        inject=_return_removed,
        heal=_return_there,
        attempt=listener,
        words=_EDK2,
    ),
    Case(
        name="dhcp-reply-masqueraded-with-real-firmware",
        expect=Breaks(_NAME),
        story="The same, and a guest whose OVMF gives up with PXE-E18 (corpus NF13).",
        build=uefi_site,
        inject=_return_removed,
        heal=_return_there,
        attempt=firmware,
        firmware=True,
    ),
    Case(
        name="dhcp-reply-masqueraded-at-random",
        expect=Breaks(_NAME),
        story="An administrator's MASQUERADE --random of the whole subnet, whatever it goes to, also of the OFFER.",
        build=_bridge_with_nat,
        inject=_all_of_it_at_random,
        heal=_no_longer_at_random,
        attempt=listener,
        words=_EDK2,
    ),
    Case(
        name="dhcp-reply-masqueraded-in-place",
        expect=Passes(),
        story="A MASQUERADE of the whole subnet that is given no ports: it keeps the server's.",
        build=_bridge_with_nat,
        inject=_all_of_it,
        attempt=listener,
        words=_EDK2,
    ),
)
