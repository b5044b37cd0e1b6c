"""Cases of libvirt-rules-missing."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import (
    bridge_interface,
    cold_start,
    define_guest,
    guest_xml,
    libvirt_site,
    network_xml,
    restart_libvirt,
    restart_network,
    start_libvirt,
)
from pxedoctor.lab.qemu_guest import boot, firmware_site
from pxedoctor.lab.site import Site

# What many a firewall script holds: nothing comes in but what was asked for from here.
_HOST_FIREWALL = """\
iptables -P INPUT DROP
iptables -A INPUT -i lo -j ACCEPT
iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
"""


def _behind_a_firewall(site: Site) -> None:
    libvirt_site(site)
    site.run("sh", "-ec", _HOST_FIREWALL)


def _firmware_behind_a_firewall(site: Site) -> None:
    # No IPv6: iPXE says that it found nothing only where it found neither.
    firmware_site(site, extra="")
    site.run("sh", "-ec", _HOST_FIREWALL)


def _script_flushes_all(site: Site) -> None:
    site.run("sh", "-ec", f"iptables -F; iptables -t nat -F; {_HOST_FIREWALL}")


def _script_flushes_the_built_in_chains(site: Site) -> None:
    site.run("sh", "-ec", f"for chain in INPUT FORWARD OUTPUT; do iptables -F $chain; done; {_HOST_FIREWALL}")


def _own_input_rules_flushed(site: Site) -> None:
    site.run("iptables", "-F", "LIBVIRT_INP")


def _open_network(site: Site) -> None:
    start_libvirt(site)
    restart_network(site, network_xml(site, stp="off", mode="open"))
    define_guest(site, guest_xml(bridge_interface(site.bridge)))


def _bridged_guest(site: Site) -> None:
    """A bridge that libvirt does not own, with a dnsmasq of the host's admin and the firewall opened for it."""
    start_libvirt(site)
    site.run("ip", "link", "add", site.bridge, "type", "bridge")
    site.run("ip", "address", "add", "192.168.150.1/24", "dev", site.bridge)
    site.run("ip", "link", "set", site.bridge, "up")
    options = [
        "--conf-file=/dev/null",
        f"--interface={site.bridge}",
        "--bind-dynamic",
        "--except-interface=lo",
        "--port=0",
    ]
    serving = ["--dhcp-range=192.168.150.10,192.168.150.99", "--no-ping", "--dhcp-leasefile=/tmp/own.leases"]
    site.run("dnsmasq", *options, *serving, "--pid-file=/run/own-dnsmasq.pid")
    opening = f"iptables -A INPUT -i {site.bridge} -p udp --dport 67 -j ACCEPT"
    site.run("sh", "-ec", f"{_HOST_FIREWALL}{opening}")
    define_guest(site, guest_xml(bridge_interface(site.bridge)))


def _flush(site: Site) -> None:
    site.run("sh", "-ec", "iptables -F; iptables -t nat -F; iptables -t mangle -F")


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="libvirt-rules-missing",
        expect=Breaks("libvirt-rules-missing"),
        story="A firewall script flushes all rules and sets INPUT to DROP after libvirt came (founding page; NF01).",
        build=_behind_a_firewall,
        inject=_script_flushes_all,
        heal=restart_libvirt,
        attempt=_attempt,
    ),
    Case(
        name="libvirt-rules-missing-with-real-firmware",
        expect=Breaks("libvirt-rules-missing"),
        story="The same, and a guest whose SeaBIOS and iPXE give up with ipxe.org/040ee119 (founding page).",
        build=_firmware_behind_a_firewall,
        inject=_script_flushes_all,
        heal=restart_libvirt,
        attempt=boot,
        firmware=True,
    ),
    Case(
        name="libvirt-rules-missing-own-chain-flushed",
        expect=Breaks("libvirt-rules-missing"),
        story="Only LIBVIRT_INP was emptied: the jump is there and leads to nothing; a reload is enough (NF01).",
        build=_behind_a_firewall,
        inject=_own_input_rules_flushed,
        heal=restart_libvirt,
        attempt=_attempt,
    ),
    Case(
        name="libvirt-rules-missing-jumps-gone",
        expect=Breaks("libvirt-rules-missing"),
        story="INPUT, FORWARD and OUTPUT were flushed: libvirt's chains are full and nothing jumps to them (NF01).",
        build=_behind_a_firewall,
        inject=_script_flushes_the_built_in_chains,
        heal=restart_libvirt,
        attempt=_attempt,
    ),
    Case(
        name="libvirt-rules-missing-open-network",
        expect=Passes(),
        story="A network of mode open never has rules; the host lets DHCP in.",
        build=_open_network,
        attempt=_attempt,
    ),
    Case(
        name="libvirt-rules-missing-bridged-guest",
        expect=Passes(),
        story="A guest on the host's own bridge, its own dnsmasq behind INPUT DROP: libvirt has no rules for it.",
        build=_bridged_guest,
        attempt=_attempt,
    ),
    Case(
        name="libvirt-rules-missing-host-accepts",
        expect=Passes(),
        story="All rules flushed on a host that lets everything in: DHCP works, NAT and isolation are dead: a risk.",
        build=libvirt_site,
        inject=_flush,
        attempt=_attempt,
        also=("libvirt-rules-missing",),
    ),
)
