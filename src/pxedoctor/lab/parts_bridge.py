"""Sites whose guest sits on a plain host bridge: served by a dnsmasq of this host, or by one in the LAN behind it.

`served_bridge_site` is what a host's INPUT decides about, `lan_site` what nobody but the bridge decides about, until
br_netfilter is on (`bridge_netfilter_on`). Both have STP off, and neither has a network of libvirt.
"""

from pxedoctor.lab import loader
from pxedoctor.lab.case import Attempt
from pxedoctor.lab.parts import MAC, bridge_interface, cold_start, define_guest, guest_xml, start_libvirt
from pxedoctor.lab.site import Site

PREFIX = "192.168.160"
LAN_SERVER = f"{PREFIX}.1"
BRIDGE_MAC = "52:54:00:0d:0e:01"
_LAN = "lan"
_SERVER_PID = "/run/own-dnsmasq.pid"
_LEASES = "/var/lib/misc/own.leases"
_TFTP = "/srv/own-tftp"
_BOOT_FILE = "boot.0"
_UNTIL_GOOD = """
until ip -6 -o address show dev "$0" scope link -tentative | grep -q . &&
    ! ip -6 -o address show dev "$0" tentative | grep -q .
do sleep 0.1; done
"""


def make_bridge(site: Site) -> None:
    """The site's bridge, up, with STP off and a MAC of its own."""
    site.run("ip", "link", "add", site.bridge, "address", BRIDGE_MAC, "type", "bridge")
    # Its link-local address is good at once: one still tentative would make two pictures of the site differ.
    site.run("sysctl", "-q", "-w", f"net.ipv6.conf.{site.bridge}.accept_dad=0")
    site.run("ip", "link", "set", "dev", site.bridge, "up")


def lend_a_port(site: Site) -> None:
    """The bridge has carrier for a moment, as from a first guest.

    Without it its IPv6 addresses stay tentative (RFC 4862, 5.4) until a port comes, and are good ever after: what
    listens there, and a repair with its way back, would leave another picture.
    """
    port, end = site.device("mo"), site.device("me")
    site.run("ip", "link", "add", port, "master", site.bridge, "up", "type", "veth", "peer", "name", end)
    site.run("ip", "link", "set", "dev", end, "up")
    await_good_addresses(site)
    site.run("ip", "link", "delete", port)


def await_good_addresses(site: Site) -> None:
    """Until no IPv6 address of the bridge is tentative any more; it has carrier."""
    site.run("timeout", "20", "sh", "-c", _UNTIL_GOOD, site.bridge)


def serve(site: Site, device: str, *options: str, where: tuple[str, ...] = ()) -> None:
    """A dnsmasq of the administrator's own on the device; `options` as in dnsmasq(8)."""
    binds = ("--conf-file=/dev/null", f"--interface={device}", "--bind-dynamic", "--except-interface=lo", "--port=0")
    leases = (f"--dhcp-range={PREFIX}.10,{PREFIX}.99,1h", f"--dhcp-host={MAC},{PREFIX}.5", "--no-ping", "--user=root")
    files = (f"--dhcp-leasefile={_LEASES}", f"--pid-file={_SERVER_PID}")
    site.run(*where, "dnsmasq", *binds, *leases, *files, *options)


def stop_serving(site: Site) -> None:
    """The dnsmasq that `serve` has started ends, and is gone."""
    site.run("sh", "-ec", f"pid=$(cat {_SERVER_PID}); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done")


def serve_by_frames(site: Site) -> None:
    """ISC dhcpd on the site's bridge: it reads and writes frames by a packet socket, which no INPUT rule sees."""
    host = f"host web {{ hardware ethernet {MAC}; fixed-address {PREFIX}.5; }}"
    subnet = f"subnet {PREFIX}.0 netmask 255.255.255.0 {{ range {PREFIX}.10 {PREFIX}.99; }}"
    site.write("/etc/dhcp/dhcpd.conf", f"authoritative;\n{subnet}\n{host}\n")
    site.run("sh", "-ec", "mkdir -p /var/lib/dhcp; touch /var/lib/dhcp/dhcpd.leases")
    site.run("dhcpd", "-4", "-q", "-cf", "/etc/dhcp/dhcpd.conf", site.bridge)


def _tftp(site: Site) -> tuple[str, ...]:
    loader.put(site, f"{_TFTP}/{_BOOT_FILE}")
    return ("--enable-tftp", f"--tftp-root={_TFTP}", f"--dhcp-boot={_BOOT_FILE}")


def start_http(site: Site) -> None:
    """An HTTP server for the boot file on port 80 of all of the host's addresses."""
    loader.put(site, f"{_TFTP}/{_BOOT_FILE}")
    site.run("sh", "-c", f"cd {_TFTP}; setsid -f python3 -m http.server 80 >/var/log/http.out 2>&1")
    site.run("timeout", "10", "sh", "-c", "until curl -s -o /dev/null http://127.0.0.1/; do sleep 0.05; done")


def boot_url(scheme: str, server: str = LAN_SERVER) -> str:
    return f"{scheme}://{server}/{_BOOT_FILE}"


def dhcpd_site(site: Site) -> None:
    """A bridge with the host's address and ISC dhcpd on it, and a guest."""
    _addressed_bridge(site)
    serve_by_frames(site)
    define_guest(site, guest_xml(bridge_interface(site.bridge)))


def _addressed_bridge(site: Site) -> None:
    start_libvirt(site)
    make_bridge(site)
    site.run("ip", "address", "add", f"{LAN_SERVER}/24", "dev", site.bridge)


def served_bridge_site(site: Site, tftp: bool = False, ipv6: bool = False) -> None:
    """A bridge with the host's address and the host's own dnsmasq on it, and a guest. No firewall at all."""
    _addressed_bridge(site)
    options = _tftp(site) if tftp else ()
    if ipv6:
        site.run("ip", "address", "add", "fd00:160::1/64", "dev", site.bridge, "nodad")
        options += ("--enable-ra", "--dhcp-range=fd00:160::10,fd00:160::ff,64,1h")
    serve(site, site.bridge, *options)
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
    site.run("ip", "netns", "add", _LAN)
    plug_in_from_elsewhere(site, _LAN, "lan0")
    in_lan(site, "ip", "address", "add", f"{LAN_SERVER}/24", "dev", "lan0")
    in_lan(site, "ip", "link", "set", "dev", "lan0", "up")
    serve(site, "lan0", *(_tftp(site) if tftp else ()), where=_in_lan())
    define_guest(site, guest_xml(bridge_interface(site.bridge)))


def lan_dhcpv6_site(site: Site) -> None:
    """The bridge and the LAN of `lan_site`, whose dnsmasq serves both families; no libvirt, no guest."""
    make_bridge(site)
    site.run("ip", "netns", "add", _LAN)
    plug_in_from_elsewhere(site, _LAN, "lan0")
    for address in (f"{LAN_SERVER}/24", "fd00:160::1/64"):
        in_lan(site, "ip", "address", "add", address, "dev", "lan0", *(("nodad",) if ":" in address else ()))
    in_lan(site, "sysctl", "-q", "-w", "net.ipv6.conf.lan0.accept_dad=0")
    in_lan(site, "ip", "link", "set", "dev", "lan0", "up")
    serve(site, "lan0", "--enable-ra", "--dhcp-range=fd00:160::10,fd00:160::ff,64,1h", where=_in_lan())


def plug_in_from_elsewhere(site: Site, namespace: str, name: str) -> None:
    """The uplink: a NIC of this host, port of the site's bridge, with the device `name` of the namespace behind it.

    A veth as a port would tell that a namespace of this host is behind it; a NIC of its own does not.
    """
    uplink, wire = uplink_name(site), site.device("wi")
    site.run("ip", "link", "add", wire, "type", "veth", "peer", "name", name, "netns", namespace)
    site.run("ip", "link", "set", "dev", wire, "up")
    site.run("ip", "link", "add", "link", wire, "name", uplink, "type", "macvlan", "mode", "passthru")
    site.run("ip", "link", "set", "dev", uplink, "master", site.bridge)
    site.run("ip", "link", "set", "dev", uplink, "up")


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
