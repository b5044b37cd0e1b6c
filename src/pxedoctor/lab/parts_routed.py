"""Sites whose boot server is outside: a network of libvirt, and behind the host's other NIC a server of boot files.

The server is a network namespace with one address; TFTP is dnsmasq's, HTTP Python's.
"""

from pxedoctor.lab import loader
from pxedoctor.lab.case import Attempt
from pxedoctor.lab.parts import (
    cold_start,
    define_guest,
    guest_xml,
    network_interface,
    network_xml,
    restart_network,
    start_libvirt,
)
from pxedoctor.lab.site import Site

SERVER = "203.0.113.9"
_HOST = "203.0.113.1"
_GUESTS = "192.168.150.0/24"
_OUTSIDE = "outside"
_FILES = "/srv/outside"
_FILE = "boot.0"


def http_site(site: Site, mode: str = "nat") -> None:
    """Its guests boot from http://203.0.113.9/boot.0."""
    _site(site, mode, f"<bootp file='http://{SERVER}/{_FILE}'/>")
    serve = f"cd {_FILES}; setsid -f python3 -m http.server 80 >/var/log/http.out 2>&1"
    outside(site, "sh", "-c", serve)
    asked = f"until curl -s -o /dev/null http://{SERVER}/; do sleep 0.05; done"
    site.run("timeout", "10", "sh", "-c", asked)


def tftp_site(site: Site, mode: str = "nat", single_port: bool = False) -> None:
    """Its guests boot from 203.0.113.9 by TFTP. `single_port`: the data come from port 69 too."""
    _site(site, mode, f"<bootp file='{_FILE}' server='{SERVER}'/>")
    words = ("--conf-file=/dev/null", "--port=0", "--enable-tftp", f"--tftp-root={_FILES}", "--user=root")
    one = ("--tftp-single-port",) if single_port else ()
    outside(site, "dnsmasq", *words, "--pid-file=/run/outside.pid", *one)


def _site(site: Site, mode: str, bootp: str) -> None:
    start_libvirt(site)
    server_behind(site)
    loader.put(site, f"{_FILES}/{_FILE}")
    restart_network(site, network_xml(site, stp="off", mode=mode).replace("</dhcp>", f"{bootp}</dhcp>"))
    define_guest(site, guest_xml(network_interface()))


def server_behind(site: Site) -> None:
    """The other machine: behind a NIC of the host's, and with a route to the guests."""
    wan = site.device("wn")
    site.run("ip", "netns", "add", _OUTSIDE)
    site.run("ip", "link", "add", wan, "type", "veth", "peer", "name", "eth0", "netns", _OUTSIDE)
    site.run("sysctl", "-q", "-w", f"net.ipv6.conf.{wan}.disable_ipv6=1")
    site.run("ip", "address", "add", f"{_HOST}/24", "dev", wan)
    site.run("ip", "link", "set", "dev", wan, "up")
    outside(site, "ip", "address", "add", f"{SERVER}/24", "dev", "eth0")
    outside(site, "ip", "link", "set", "dev", "eth0", "up")
    outside(site, "ip", "route", "add", _GUESTS, "via", _HOST)


def outside(site: Site, *argv: str) -> str:
    """A program on that machine."""
    return site.run("ip", "netns", "exec", _OUTSIDE, *argv)


def boots_by_http(site: Site) -> Attempt:
    return cold_start(site, None, "udhcpc", "--fetch", f"http://{SERVER}/{_FILE}")


def boots_by_tftp(site: Site) -> Attempt:
    return cold_start(site, None, "udhcpc", "--fetch", f"tftp://{SERVER}/{_FILE}")
