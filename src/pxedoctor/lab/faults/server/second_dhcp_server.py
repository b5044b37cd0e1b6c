"""Cases of second-dhcp-server."""

import json
import secrets

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import MAC, cold_start, libvirt_site, network_xml, restart_network
from pxedoctor.lab.parts_bridge import boot_url, plug_in_from_elsewhere, start_http
from pxedoctor.lab.site import Site

_HOST = "192.168.150.1"
_STRANGER = "stranger"
_PID = "/run/stranger.pid"
_INSIDE = ("ip", "netns", "exec", _STRANGER)
_KEA = "/etc/kea-stranger.conf"
_RESERVED = f"<host mac='{MAC}' ip='192.168.150.5'/>"


def _site(site: Site) -> None:
    """libvirt's network, whose dnsmasq pings an address for 3 s before it offers it, and a machine plugged into it."""
    libvirt_site(site)
    restart_network(site, network_xml(site, stp="off").replace(_RESERVED, ""))
    start_http(site)
    site.run("ip", "netns", "add", _STRANGER)
    plug_in_from_elsewhere(site, _STRANGER, "eth0")
    site.run(*_INSIDE, "ip", "link", "set", "dev", "eth0", "up")


def _serve(site: Site, address: str, *options: str) -> None:
    site.run(*_INSIDE, "ip", "address", "add", f"{address}/24", "dev", "eth0")
    words = ("--conf-file=/dev/null", "--port=0", "--no-ping", "--user=root", "--interface=eth0", "--bind-interfaces")
    files = (f"--pid-file={_PID}", "--dhcp-leasefile=/tmp/stranger.leases")
    site.run(*_INSIDE, "dnsmasq", *words, *files, *options)


def _of_another_network(site: Site) -> None:
    _serve(site, "10.66.0.1", "--dhcp-range=10.66.0.10,10.66.0.99")


def _gone(site: Site) -> None:
    site.run("sh", "-ec", f"pid=$(cat {_PID}); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done")
    site.run(*_INSIDE, "ip", "address", "flush", "dev", "eth0")


def _kea(site: Site) -> None:
    site.run(*_INSIDE, "ip", "address", "add", "10.66.0.1/24", "dev", "eth0")
    subnet = {"id": 1, "subnet": "10.66.0.0/24", "pools": [{"pool": "10.66.0.10 - 10.66.0.99"}]}
    leases = {"type": "memfile", "persist": False}
    config = {"interfaces-config": {"interfaces": ["eth0"]}, "lease-database": leases, "subnet4": [subnet]}
    site.write(_KEA, json.dumps({"Dhcp4": config}))
    site.run("mkdir", "-p", "/run/kea", "/var/lib/kea", "/var/log/kea")
    site.run(*_INSIDE, "sh", "-c", f"setsid -f kea-dhcp4 -c {_KEA} >/tmp/kea.out 2>&1")
    site.run("timeout", "30", "sh", "-c", "until grep -q DHCP4_STARTED /tmp/kea.out; do sleep 0.1; done")


def _kea_gone(site: Site) -> None:
    ended = f"pkill -f {_KEA}; while pgrep -f {_KEA} >/dev/null; do sleep 0.05; done"
    site.run("timeout", "30", "sh", "-c", ended.replace(_KEA, f"[{_KEA[0]}]{_KEA[1:]}"))
    site.run("rm", "-rf", "/tmp/kea.out", "/run/kea")
    site.run(*_INSIDE, "ip", "address", "flush", "dev", "eth0")


def _of_the_same(site: Site) -> None:
    """Both hand out addresses of one network with the same router, from ranges that do not overlap."""
    _serve(site, "192.168.150.2", "--dhcp-range=192.168.150.200,192.168.150.219", f"--dhcp-option=3,{_HOST}")


def _proxy(site: Site) -> None:
    """Boot files, and no addresses: dnsmasq as a proxyDHCP server."""
    _serve(site, "192.168.150.2", "--dhcp-range=192.168.150.0,proxy", "--pxe-service=x86PC,boot,boot.0")


def _second_address(site: Site) -> None:
    """One server with two addresses of its network."""
    site.run("ip", "address", "add", "192.168.150.3/24", "dev", site.bridge)


def _attempt(site: Site) -> Attempt:
    """A guest that was never here: one that has a lease is offered it at once, and would often win the race."""
    mac = f"52:54:00:0e:{secrets.token_hex(1)}:{secrets.token_hex(1)}"
    return cold_start(site, None, "udhcpc", "--mac", mac, "--fetch", boot_url("http", _HOST))


CASES: tuple[Case, ...] = (
    Case(
        name="second-dhcp-server",
        expect=Breaks("second-dhcp-server"),
        story="A machine on the guests' network hands out addresses of its own, and is faster than libvirt's dnsmasq.",
        build=_site,
        inject=_of_another_network,
        heal=_gone,
        attempt=_attempt,
        mended=False,
        probe=True,
    ),
    Case(
        name="second-dhcp-server-that-is-a-kea",
        expect=Breaks("second-dhcp-server"),
        story="The same with Kea, which reads and writes raw frames and asks nobody before it offers.",
        build=_site,
        inject=_kea,
        heal=_kea_gone,
        attempt=_attempt,
        mended=False,
        probe=True,
    ),
    Case(
        name="second-dhcp-server-that-offers-the-same",
        expect=Passes(),
        story="Two servers hand out one network, as a failover pair does: a risk, and no fault.",
        build=_site,
        inject=_of_the_same,
        attempt=_attempt,
        probe=True,
        also=("second-dhcp-server",),
    ),
    Case(
        name="second-dhcp-server-that-is-a-proxy",
        expect=Passes(),
        story="A proxyDHCP server beside libvirt's dnsmasq: it offers boot files and no address.",
        build=_site,
        inject=_proxy,
        attempt=_attempt,
        probe=True,
    ),
    Case(
        name="second-dhcp-server-that-is-a-second-address",
        expect=Passes(),
        story="The bridge has two addresses of its network, and one server behind both.",
        build=_site,
        inject=_second_address,
        attempt=_attempt,
        probe=True,
    ),
)
