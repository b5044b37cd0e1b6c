"""Cases of dhcp-reply-dropped."""

from pxedoctor.lab import parts_ufw
from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import cold_start, libvirt_site
from pxedoctor.lab.parts_bridge import dhcpd_site, served_bridge_site
from pxedoctor.lab.site import Site

_NAME = "dhcp-reply-dropped"


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


def _bridge_with_ufw(site: Site) -> None:
    """ufw is on and lets DHCP in; what goes out it allows, as is its default."""
    served_bridge_site(site)
    parts_ufw.allow_dhcp(site)
    parts_ufw.enable(site)
    _allow_outgoing(site)


def _deny_outgoing(site: Site) -> None:
    site.run("ufw", "default", "deny", "outgoing")


def _allow_outgoing(site: Site) -> None:
    site.run("ufw", "default", "allow", "outgoing")


def _libvirt_with_ufw(site: Site) -> None:
    libvirt_site(site)
    parts_ufw.enable(site)


_EBTABLES = ("OUTPUT", "-p", "IPv4", "--ip-protocol", "udp", "--ip-destination-port", "68", "-j", "DROP")


def _site_with_ebtables(site: Site) -> None:
    """Its table is there, and empty: ebtables makes it with the first rule, and never takes it away."""
    libvirt_site(site)
    _ebtables_drop(site)
    _ebtables_open(site)


def _ebtables_drop(site: Site) -> None:
    site.run("ebtables", "-A", *_EBTABLES)


def _ebtables_open(site: Site) -> None:
    site.run("ebtables", "-D", *_EBTABLES)


def _shut_to_sockets(site: Site) -> None:
    site.run("iptables", "-P", "OUTPUT", "DROP")


CASES: tuple[Case, ...] = (
    Case(
        name=_NAME,
        expect=Breaks(_NAME),
        story="`ufw default deny outgoing` on a host whose own dnsmasq serves a bridge: no OFFER leaves it.",
        build=_bridge_with_ufw,
        inject=_deny_outgoing,
        heal=_allow_outgoing,
        attempt=_attempt,
    ),
    Case(
        name="dhcp-reply-dropped-by-ebtables",
        expect=Breaks(_NAME),
        story="Somebody's ebtables rule against DHCP servers among the guests also stops this host's own.",
        build=_site_with_ebtables,
        inject=_ebtables_drop,
        heal=_ebtables_open,
        attempt=_attempt,
        mended=False,
    ),
    Case(
        name="dhcp-reply-beside-libvirt",
        expect=Passes(),
        story="`ufw default deny outgoing` beside a network of libvirt, whose LIBVIRT_OUT lets the OFFER out first.",
        build=_libvirt_with_ufw,
        inject=_deny_outgoing,
        attempt=_attempt,
    ),
    Case(
        name="dhcp-reply-in-frames",
        expect=Passes(),
        story="OUTPUT DROP, and ISC dhcpd answers through a packet socket, which no rule at OUTPUT sees.",
        build=dhcpd_site,
        inject=_shut_to_sockets,
        attempt=_attempt,
    ),
)
