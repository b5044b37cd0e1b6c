"""Cases of firewalld-zone-lost."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts_firewalld import (
    attempt,
    firewalld_site,
    reload_firewalld,
    served_bridge_site,
    wait_for_zone,
)
from pxedoctor.lab.site import Site

_OWN_ZONE = "guests"


def _cmd(site: Site, *words: str) -> None:
    site.run("firewall-cmd", *words)


def _unbound(site: Site) -> None:
    _cmd(site, "--zone=libvirt", f"--remove-interface={site.bridge}")


def _bound_again(site: Site) -> None:
    _cmd(site, "--zone=libvirt", f"--change-interface={site.bridge}")


def _into_drop(site: Site) -> None:
    _cmd(site, "--zone=drop", f"--change-interface={site.bridge}")


def _without_dhcp(site: Site) -> None:
    _cmd(site, "--zone=libvirt", "--remove-service=dhcp")


def _into_own_zone(site: Site) -> None:
    """An administrator's zone, made for guests, that lets DHCP and DNS in."""
    _cmd(site, "--permanent", f"--new-zone={_OWN_ZONE}")
    _cmd(site, "--permanent", f"--zone={_OWN_ZONE}", "--add-service=dhcp", "--add-service=dns")
    reload_firewalld(site)
    _cmd(site, f"--zone={_OWN_ZONE}", f"--change-interface={site.bridge}")


def _once_reloaded_site(site: Site) -> None:
    """firewalld keeps the chains of every zone that was ever used, and services in the order they came: only a reload
    brings its rules back as they were, and so the healthy site has one behind it."""
    firewalld_site(site)
    reload_firewalld(site)


def _libvirt_stopped(site: Site) -> None:
    """What libvirt has set up goes on without its daemon; there is nobody who hears of a reload."""
    _once_reloaded_site(site)
    _stop_libvirt(site)


def _stop_libvirt(site: Site) -> None:
    end = "pid=$(cat /run/libvirtd.pid); kill $pid; while [ -e /run/libvirtd.pid ]; do sleep 0.05; done"
    site.run("sh", "-ec", end)


def _reloaded(site: Site) -> None:
    """FlushAllOnReload=yes, as is the default: the binding is gone, and every rule of iptables."""
    site.run("firewall-cmd", "--reload")


def _libvirt_for_a_moment(site: Site) -> None:
    site.run("libvirtd", "-d")
    # It answers when it hears of reloads, too: one that comes sooner it misses.
    site.run("virsh", "net-list")
    wait_for_zone(site, site.bridge, "libvirt")
    reload_firewalld(site)
    _stop_libvirt(site)


def _routed_site(site: Site) -> None:
    firewalld_site(site, mode="route")


def _iptables_site(site: Site) -> None:
    firewalld_site(site, backend="iptables")


def _dhcp_out_of_internal(site: Site) -> None:
    _cmd(site, "--zone=internal", "--remove-service=dhcp")


def _dhcp_into_internal(site: Site) -> None:
    _cmd(site, "--zone=internal", "--add-service=dhcp")


CASES: tuple[Case, ...] = (
    Case(
        name="firewalld-zone-lost",
        expect=Breaks("firewalld-zone-lost"),
        story="The bridge lost its zone and falls into public, which refuses DHCP (founding page; corpus NF02).",
        build=firewalld_site,
        inject=_unbound,
        heal=_bound_again,
        attempt=attempt,
    ),
    Case(
        name="firewalld-zone-drop",
        expect=Breaks("firewalld-zone-lost"),
        story="Somebody moved the bridge into zone drop: libvirt's ACCEPT in iptables is there and does not help.",
        build=_once_reloaded_site,
        inject=_into_drop,
        heal=reload_firewalld,
        attempt=attempt,
    ),
    Case(
        name="firewalld-zone-without-dhcp",
        expect=Breaks("firewalld-zone-lost"),
        story="The bridge is where it belongs, and zone libvirt lost the service dhcp.",
        build=_once_reloaded_site,
        inject=_without_dhcp,
        heal=reload_firewalld,
        attempt=attempt,
    ),
    Case(
        name="firewalld-zone-flushed-by-reload",
        expect=Breaks("firewalld-zone-lost"),
        story="FlushAllOnReload forgets the binding, and no daemon of libvirt runs that would bind it again (NF02).",
        build=_libvirt_stopped,
        inject=_reloaded,
        heal=_libvirt_for_a_moment,
        attempt=attempt,
    ),
    Case(
        name="firewalld-zone-own",
        expect=Passes(),
        story="The bridge is in a zone of the administrator's own, which lets DHCP in: not libvirt's, and fine.",
        build=firewalld_site,
        inject=_into_own_zone,
        attempt=attempt,
    ),
    Case(
        name="firewalld-zone-reloaded",
        expect=Passes(),
        story="firewalld was reloaded and forgot the binding; libvirt heard of it and bound the bridge again.",
        build=firewalld_site,
        inject=reload_firewalld,
        attempt=attempt,
    ),
    Case(
        name="firewalld-zone-routed",
        expect=Passes(),
        story="A routed network: its zone libvirt-routed opens nothing, the policy libvirt-to-host does.",
        build=_routed_site,
        attempt=attempt,
    ),
    Case(
        name="firewalld-zone-iptables-backend",
        expect=Passes(),
        story="FirewallBackend=iptables: the bridge lost its zone, but libvirt's ACCEPT is above in the chain.",
        build=_iptables_site,
        inject=_unbound,
        attempt=attempt,
        also=("firewalld-zone-lost",),
    ),
    Case(
        name="firewalld-zone-host-bridge",
        expect=Breaks("firewalld-zone-lost"),
        story="A bridge without libvirt's network, a dnsmasq on it, and its zone forgot dhcp with a reload.",
        build=served_bridge_site,
        inject=_dhcp_out_of_internal,
        heal=_dhcp_into_internal,
        attempt=attempt,
    ),
)
