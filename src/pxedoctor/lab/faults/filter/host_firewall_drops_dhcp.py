"""Cases of host-firewall-drops-dhcp."""

from pxedoctor.lab import parts_ufw
from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import (
    cold_start,
    define_guest,
    guest_xml,
    libvirt_site,
    network_interface,
    network_xml,
    restart_libvirt,
    restart_network,
    start_libvirt,
)
from pxedoctor.lab.parts_bridge import dhcpd_site, served_bridge_site
from pxedoctor.lab.parts_libvirt_11 import LACKS, RELEASE, choose_nftables
from pxedoctor.lab.parts_nftables import restart_nftables, write_conf
from pxedoctor.lab.site import Site

_NAME = "host-firewall-drops-dhcp"


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


def _bridge_with_ufw_off(site: Site) -> None:
    served_bridge_site(site)
    parts_ufw.was_here(site)


def _nftables(site: Site, opened: bool) -> None:
    """nftables.service with a table of its own beside libvirt's; it leaves the others' tables alone."""
    accept = f'iifname "{site.bridge}" udp dport {{ 53, 67 }} accept' if opened else ""
    write_conf(site, flush=False, table="host", more=accept)
    restart_nftables(site)


def _beside_nftables(site: Site) -> None:
    libvirt_site(site)
    _nftables(site, opened=True)


def _opening_forgotten(site: Site) -> None:
    _nftables(site, opened=False)


def _opening_written(site: Site) -> None:
    _nftables(site, opened=True)


def _service(site: Site, opened: bool) -> None:
    """nftables.service as Debian ships it: its file begins with `flush ruleset`."""
    accept = f'iifname "{site.bridge}" udp dport {{ 53, 67 }} accept' if opened else ""
    write_conf(site, more=accept)
    restart_nftables(site)


def _after_the_service(site: Site) -> None:
    """The service came first, at boot, and libvirt wrote its rules after it."""
    _service(site, opened=True)
    libvirt_site(site)


def _flushed_and_shut(site: Site) -> None:
    _service(site, opened=False)


def _opened_and_libvirt_again(site: Site) -> None:
    _service(site, opened=True)
    restart_libvirt(site)


_DROP = ("INPUT", "-p", "udp", "--dport", "67", "-j", "DROP")


def _drop_above_libvirt(site: Site) -> None:
    site.run("iptables", "-I", *_DROP)


def _no_drop(site: Site) -> None:
    site.run("iptables", "-D", *_DROP)


# A host's own firewall by zones, as many write it: the device says which chain speaks.
_ZONES = """\
table inet zones
delete table inet zones
table inet zones {
	map zone_of {
		type ifname : verdict
		elements = { "BR" : jump guests }
	}
	chain input {
		type filter hook input priority filter + 10; policy accept;
		iifname vmap @zone_of
	}
	chain guests {
		SERVED
		udp dport { 67, 69 } drop
	}
}
"""


def _zones(site: Site, served: str) -> None:
    site.write("/tmp/zones.nft", _ZONES.replace("BR", site.bridge).replace("SERVED", served))
    site.run("nft", "-f", "/tmp/zones.nft")


def _guests_served(site: Site) -> None:
    _zones(site, "udp dport 67 accept")


def _guests_forgotten(site: Site) -> None:
    _zones(site, "")


def _with_zones(site: Site) -> None:
    libvirt_site(site)
    _guests_served(site)


# What libvirt's nftables backend writes for a nat network (libvirt 11.3, network_nftables.c). That release cannot start
# a network here: this kernel has no csum action of tc. The network is of mode open, for which libvirt 9 writes no rule,
# as the nftables backend writes none towards the host for any network.
_NFT_BACKEND = """\
table ip libvirt_network {
	chain forward {
		type filter hook forward priority filter; policy accept;
		counter jump guest_cross
		counter jump guest_input
		counter jump guest_output
	}
	chain guest_output { ip saddr 192.168.150.0/24 iif "BR" counter accept
		iif "BR" counter reject
	}
	chain guest_input { oif "BR" ip daddr 192.168.150.0/24 ct state established,related counter accept
		oif "BR" counter reject
	}
	chain guest_cross { iif "BR" oif "BR" counter accept
	}
	chain guest_nat {
		type nat hook postrouting priority srcnat; policy accept;
		ip saddr 192.168.150.0/24 ip daddr 224.0.0.0/24 counter return
		ip saddr 192.168.150.0/24 ip daddr 255.255.255.255 counter return
		meta l4proto tcp ip saddr 192.168.150.0/24 ip daddr != 192.168.150.0/24 counter masquerade to :1024-65535
		meta l4proto udp ip saddr 192.168.150.0/24 ip daddr != 192.168.150.0/24 counter masquerade to :1024-65535
		ip saddr 192.168.150.0/24 ip daddr != 192.168.150.0/24 counter masquerade
	}
}
"""


def _nft_backend_with_ufw_off(site: Site) -> None:
    start_libvirt(site)
    restart_network(site, network_xml(site, stp="off", mode="open"))
    site.write("/tmp/backend.nft", _NFT_BACKEND.replace("BR", site.bridge))
    site.run("nft", "-f", "/tmp/backend.nft")
    define_guest(site, guest_xml(network_interface()))
    parts_ufw.was_here(site)


def _libvirt_11_with_ufw_off(site: Site) -> None:
    choose_nftables(site)
    libvirt_site(site)
    parts_ufw.was_here(site)


def _libvirt_11_beside_nftables(site: Site) -> None:
    choose_nftables(site)
    _beside_nftables(site)


def _allowed_in_ufw(site: Site) -> None:
    served_bridge_site(site)
    parts_ufw.allow_dhcp(site)


def _shut_to_sockets(site: Site) -> None:
    site.run("sh", "-ec", "iptables -P INPUT DROP; iptables -A INPUT -i lo -j ACCEPT")


CASES: tuple[Case, ...] = (
    Case(
        name=_NAME,
        expect=Breaks(_NAME),
        story="`ufw enable` with its defaults on a host whose own dnsmasq serves a bridge (corpus NF12; lxd#14808).",
        build=_bridge_with_ufw_off,
        inject=parts_ufw.enable,
        heal=parts_ufw.disable,
        attempt=_attempt,
    ),
    Case(
        name="host-firewall-drops-dhcp-nftables-service",
        expect=Breaks(_NAME),
        story="nftables.service's file lost its opening: its INPUT drops what libvirt's table accepts (corpus NF04).",
        build=_beside_nftables,
        inject=_opening_forgotten,
        heal=_opening_written,
        attempt=_attempt,
    ),
    Case(
        name="host-firewall-drops-dhcp-after-flush-ruleset",
        expect=Breaks(_NAME),
        story="`systemctl restart nftables` flushes libvirt's rules too, and its own table drops DHCP (NF01, NF04).",
        build=_after_the_service,
        inject=_flushed_and_shut,
        heal=_opened_and_libvirt_again,
        attempt=_attempt,
    ),
    Case(
        name="host-firewall-drops-dhcp-above-libvirt",
        expect=Breaks(_NAME),
        story="A DROP was inserted above libvirt's jump: libvirt's accept stands, and its restart does not help.",
        build=libvirt_site,
        inject=_drop_above_libvirt,
        heal=_no_drop,
        attempt=_attempt,
    ),
    Case(
        name="host-firewall-drops-dhcp-by-zones",
        expect=Breaks(_NAME),
        story="A firewall by zones: nft's map of devices leads guests to a chain that lost its opening for DHCP.",
        build=_with_zones,
        inject=_guests_forgotten,
        heal=_guests_served,
        attempt=_attempt,
    ),
    Case(
        name="host-firewall-drops-dhcp-nft-backend",
        expect=Breaks(_NAME),
        story="ufw enabled beside the rules of libvirt's nftables backend, which opens nothing (corpus NF03).",
        build=_nft_backend_with_ufw_off,
        inject=parts_ufw.enable,
        heal=parts_ufw.disable,
        attempt=_attempt,
    ),
    Case(
        name="host-firewall-beside-libvirt",
        expect=Passes(),
        story="ufw enabled after libvirt: INPUT is DROP, and libvirt's accept stands first.",
        build=libvirt_site,
        inject=parts_ufw.enable,
        attempt=_attempt,
    ),
    Case(
        name="host-firewall-allows-dhcp",
        expect=Passes(),
        story="ufw enabled with an allow for the bridge: one rule among many drops lets DHCP in.",
        build=_allowed_in_ufw,
        inject=parts_ufw.enable,
        attempt=_attempt,
    ),
    Case(
        name="host-firewall-sees-no-frames",
        expect=Passes(),
        story="INPUT DROP, and ISC dhcpd serves by a packet socket, which no rule at INPUT sees.",
        build=dhcpd_site,
        inject=_shut_to_sockets,
        attempt=_attempt,
    ),
    Case(
        name="host-firewall-drops-dhcp-beside-libvirt-11",
        expect=Breaks(_NAME),
        story="ufw enabled beside a real libvirt 11.3, whose nftables backend opens nothing on its host (corpus NF03).",
        build=_libvirt_11_with_ufw_off,
        inject=parts_ufw.enable,
        heal=parts_ufw.disable,
        attempt=_attempt,
        ground="machine",
        release=RELEASE,
        lacks=LACKS,
    ),
    Case(
        name="host-firewall-drops-dhcp-nftables-service-beside-libvirt-11",
        expect=Breaks(_NAME),
        story="nftables.service's file lost its opening beside a real libvirt 11.3 (corpus NF03, NF04).",
        build=_libvirt_11_beside_nftables,
        inject=_opening_forgotten,
        heal=_opening_written,
        attempt=_attempt,
        ground="machine",
        release=RELEASE,
        lacks=LACKS,
    ),
)
