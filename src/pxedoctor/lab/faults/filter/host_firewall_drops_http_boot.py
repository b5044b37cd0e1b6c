"""Cases of host-firewall-drops-http-boot: the lease comes, and the web server's port is closed."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import (
    cold_start,
    define_guest,
    guest_xml,
    network_interface,
    network_xml,
    restart_network,
    start_libvirt,
)
from pxedoctor.lab.parts_bridge import boot_url, start_http
from pxedoctor.lab.parts_nftables import restart_nftables, write_conf
from pxedoctor.lab.site import Site

_SERVER = "192.168.150.1"


def _http_site(site: Site) -> None:
    """A network of libvirt that names a boot file by URL, a web server on the host, and a firewall that knows both."""
    start_libvirt(site)
    url = boot_url("http", _SERVER)
    xml = network_xml(site, stp="off").replace("<dhcp>", f"<dhcp><bootp file='{url}'/>")
    restart_network(site, xml)
    site.run("virsh", "net-autostart", "lab")
    define_guest(site, guest_xml(network_interface()))
    start_http(site)
    _with_http(site)


def _load(site: Site, more: str) -> None:
    opened = f'iifname "{site.bridge}" udp dport {{ 53, 67 }} accept\n{more}'
    write_conf(site, flush=False, table="host", more=opened)
    restart_nftables(site)


def _with_http(site: Site) -> None:
    _load(site, f'iifname "{site.bridge}" tcp dport 80 accept')


def _without_http(site: Site) -> None:
    _load(site, "")


def _only_https_closed(site: Site) -> None:
    _load(site, f'iifname "{site.bridge}" tcp dport 443 drop\niifname "{site.bridge}" tcp dport 80 accept')


def _attempt(site: Site) -> Attempt:
    return cold_start(site, None, "udhcpc", "--fetch", boot_url("http", _SERVER))


CASES: tuple[Case, ...] = (
    Case(
        name="host-firewall-drops-http-boot",
        expect=Breaks("host-firewall-drops-http-boot"),
        story="The boot file is on the host's web server, and the firewall knows ssh, DHCP and DNS only (corpus NF19).",
        build=_http_site,
        inject=_without_http,
        heal=_with_http,
        attempt=_attempt,
    ),
    Case(
        name="host-firewall-closes-https-only",
        expect=Passes(),
        story="Port 443 is closed, and the boot file is on port 80.",
        build=_http_site,
        inject=_only_https_closed,
        attempt=_attempt,
    ),
)
