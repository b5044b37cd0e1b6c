"""Sites whose guest sits on a plain host bridge: served by a dnsmasq of this host, or by one in the LAN behind it.

`served_bridge_site` is what a host's INPUT decides about, `lan_site` what nobody but the bridge decides about, until
br_netfilter is on (`bridge_netfilter_on`). Both have STP off, and neither has a network of libvirt.
"""

from pxedoctor.lab.case import Attempt
from pxedoctor.lab.parts import MAC, bridge_interface, cold_start, define_guest, guest_xml, start_libvirt
from pxedoctor.lab.site import Site

PREFIX = "192.168.160"
LAN_SERVER = f"{PREFIX}.1"
_LAN = "lan"
_SERVER_PID = "/run/own-dnsmasq.pid"
_TFTP = "/srv/own-tftp"
_BOOT_FILE = "boot.0"

_DNSMASQ = """\
port=0
interface={device}
bind-dynamic
except-interface=lo
dhcp-range={prefix}.10,{prefix}.99,255.255.255.0,1h
dhcp-host={mac},{prefix}.5
no-ping
user=root
dhcp-leasefile=/var/lib/misc/own.leases
pid-file={pid}
{more}
"""


def make_bridge(site: Site) -> None:
    """The site's bridge, up, with STP off and a MAC of its own."""
    site.run("ip", "link", "add", site.bridge, "address", "52:54:00:0d:0e:01", "type", "bridge")
    # Its link-local address is good at once: one still tentative would make two pictures of the site differ.
    site.run("sysctl", "-q", "-w", f"net.ipv6.conf.{site.bridge}.accept_dad=0")
    site.run("ip", "link", "set", "dev", site.bridge, "up")


def serve(site: Site, device: str, where: tuple[str, ...] = (), more: str = "") -> None:
    """A dnsmasq of the administrator's own on the device; `more`: lines of dnsmasq.conf(5)."""
    conf = _DNSMASQ.format(device=device, prefix=PREFIX, mac=MAC, pid=_SERVER_PID, more=more)
    site.write("/etc/own-dnsmasq.conf", conf)
    site.run(*where, "dnsmasq", "--conf-file=/etc/own-dnsmasq.conf")


def _tftp_lines(site: Site) -> str:
    site.write(f"{_TFTP}/{_BOOT_FILE}", "boot" * 1024)
    return f"enable-tftp\ntftp-root={_TFTP}\ndhcp-boot={_BOOT_FILE}"


def start_http(site: Site) -> None:
    """An HTTP server for the boot file on port 80 of all of the host's addresses."""
    site.write(f"{_TFTP}/{_BOOT_FILE}", "boot" * 1024)
    site.run("sh", "-c", f"cd {_TFTP}; setsid -f python3 -m http.server 80 >/var/log/http.out 2>&1")
    site.run("timeout", "10", "sh", "-c", "until curl -s -o /dev/null http://127.0.0.1/; do sleep 0.05; done")


def boot_url(scheme: str, server: str = LAN_SERVER) -> str:
    return f"{scheme}://{server}/{_BOOT_FILE}"


def served_bridge_site(site: Site, tftp: bool = False, ipv6: bool = False) -> None:
    """A bridge with the host's address and the host's own dnsmasq on it, and a guest. No firewall at all."""
    start_libvirt(site)
    make_bridge(site)
    site.run("ip", "address", "add", f"{LAN_SERVER}/24", "dev", site.bridge)
    more = [_tftp_lines(site)] if tftp else []
    if ipv6:
        site.run("ip", "address", "add", "fd00:160::1/64", "dev", site.bridge, "nodad")
        more.append("enable-ra\ndhcp-range=fd00:160::10,fd00:160::ff,64,1h")
    serve(site, site.bridge, more="\n".join(more))
    define_guest(site, guest_xml(bridge_interface(site.bridge)))


def remake_bridge(site: Site) -> None:
    """The bridge of `served_bridge_site` goes and comes back, with another index; dnsmasq finds it by its name."""
    site.run("ip", "link", "delete", "dev", site.bridge)
    make_bridge(site)
    site.run("ip", "address", "add", f"{LAN_SERVER}/24", "dev", site.bridge)


def lan_site(site: Site, tftp: bool = False) -> None:
    """A bridge without an address, an uplink to the LAN (a network namespace) whose dnsmasq serves it, and a guest.

    The host has no route to the LAN and forwards nothing (net.ipv4.ip_forward = 0), as a host of bridged guests does.
    """
    start_libvirt(site)
    make_bridge(site)
    uplink = uplink_name(site)
    site.run("ip", "netns", "add", _LAN)
    site.run("ip", "link", "add", uplink, "type", "veth", "peer", "name", "lan0", "netns", _LAN)
    in_lan(site, "ip", "address", "add", f"{LAN_SERVER}/24", "dev", "lan0")
    in_lan(site, "ip", "link", "set", "dev", "lan0", "up")
    site.run("ip", "link", "set", "dev", uplink, "master", site.bridge)
    site.run("ip", "link", "set", "dev", uplink, "up")
    serve(site, "lan0", where=_in_lan(), more=_tftp_lines(site) if tftp else "")
    define_guest(site, guest_xml(bridge_interface(site.bridge)))


def uplink_name(site: Site) -> str:
    return site.device("up")


def _in_lan() -> tuple[str, ...]:
    return ("ip", "netns", "exec", _LAN)


def in_lan(site: Site, *argv: str) -> str:
    """Runs a program on the far side of the uplink."""
    return site.run(*_in_lan(), *argv)


def set_uplink(site: Site, word: str, value: str) -> None:
    """A flag of the uplink's port, bridge(8): bcast_flood, flood, isolated, locked, learning, state.

    Towards the LAN a DISCOVER is stopped by `bcast_flood off` and by `state 0`; `isolated` only counts between two
    ports that both have it; `locked on` only for a sender that the port has not learned.
    """
    site.run("bridge", "link", "set", "dev", uplink_name(site), word, value)


def bridge_netfilter_on(site: Site) -> None:
    """What loading the module br_netfilter does to a host that had it not: bridged frames meet iptables from now on.

    Here the module is part of the kernel, and a site starts with its switches at 0 (lab.ground.namespace).
    """
    _set_bridge_netfilter(site, "1")


def bridge_netfilter_off(site: Site) -> None:
    _set_bridge_netfilter(site, "0")


def _set_bridge_netfilter(site: Site, value: str) -> None:
    for family in ("iptables", "ip6tables", "arptables"):
        site.run("sysctl", "-q", "-w", f"net.bridge.bridge-nf-call-{family}={value}")


def attempt(site: Site) -> Attempt:
    return cold_start(site)
