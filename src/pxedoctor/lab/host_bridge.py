"""A plain host bridge, as an administrator makes one: STP on, a DHCP server of the host's own, a guest, and an uplink.

The uplink is a veth whose other end is a port of a second bridge with STP in a network namespace of its own: the
switch. Which of the two is the root of their spanning tree is decided by their priorities, as on a wire.
"""

import time
from itertools import pairwise

from pxedoctor.lab.case import Attempt
from pxedoctor.lab.parts import MAC, bridge_interface, cold_start, define_guest, guest_xml, start_libvirt
from pxedoctor.lab.site import Site, SiteError

# A new bridge has 32768; the lowest is the root (br_stp.c).
_BEST_PRIORITY = 4096
_WORST_PRIORITY = 61440
_SWITCH = "switch"
_POLL_SECONDS = 0.05
# A port's way to forwarding at the shortest delay is 4 s; hellos come every 2 s.
_SETTLE_SECONDS = 30
_DNSMASQ_CONF = """\
port=0
interface={bridge}
bind-interfaces
dhcp-range=192.168.151.10,192.168.151.99,255.255.255.0,1h
dhcp-host={mac},192.168.151.5
no-ping
user=root
dhcp-leasefile=/var/lib/misc/bridge.leases
pid-file=/run/bridge-dnsmasq.pid
"""


def bridge_name(site: Site) -> str:
    return site.device("br")


def uplink_name(site: Site) -> str:
    return site.device("up")


def host_bridge_site(site: Site) -> None:
    """Bridge with STP on and a delay of 2 s, dnsmasq on it, a guest that is off, and a switch that is not the root."""
    bridge, uplink = bridge_name(site), uplink_name(site)
    start_libvirt(site)
    _make_bridge(site, (), bridge, "52:54:00:0d:0e:01")
    site.run("ip", "address", "add", "192.168.151.1/24", "dev", bridge)
    site.run("ip", "netns", "add", _SWITCH)
    site.run("ip", "link", "add", uplink, "type", "veth", "peer", "name", "port1", "netns", _SWITCH)
    _make_bridge(site, _in_switch(), "sw0", "52:54:00:0d:0e:02")
    # A second port with somebody behind it: a switch that leads nowhere else has no topology to tell of.
    site.run(*_in_switch(), "ip", "link", "add", "port2", "type", "veth", "peer", "name", "desk")
    site.run(*_in_switch(), "ip", "link", "set", "dev", "desk", "up")
    for port in ("port1", "port2"):
        site.run(*_in_switch(), "ip", "link", "set", "dev", port, "master", "sw0")
        site.run(*_in_switch(), "ip", "link", "set", "dev", port, "up")
    _set_switch(site, priority=_WORST_PRIORITY, delay=2)
    site.run("ip", "link", "set", "dev", uplink, "master", bridge)
    site.run("ip", "link", "set", "dev", uplink, "up")
    serve_bridge(site, bridge)
    define_guest(site, guest_xml(bridge_interface(bridge)))
    settle(site)


def serve_bridge(site: Site, bridge: str) -> None:
    """A dnsmasq of the administrator's own on a bridge that has the address 192.168.151.1/24."""
    site.write("/etc/bridge-dnsmasq.conf", _DNSMASQ_CONF.format(bridge=bridge, mac=MAC))
    site.run("dnsmasq", "--conf-file=/etc/bridge-dnsmasq.conf")


def _make_bridge(site: Site, where: tuple[str, ...], name: str, mac: str) -> None:
    # A MAC of its own: else the bridge takes the lowest of its ports', and its identity moves with every guest.
    site.run(*where, "ip", "link", "add", name, "address", mac, "type", "bridge")
    site.run(*where, "ip", "link", "set", "dev", name, "type", "bridge", "stp_state", "1")
    site.run(*where, "ip", "link", "set", "dev", name, "type", "bridge", "forward_delay", "200")
    site.run(*where, "ip", "link", "set", "dev", name, "up")


def _in_switch() -> tuple[str, ...]:
    return ("ip", "netns", "exec", _SWITCH)


def set_bridge_delay(site: Site, seconds: int) -> None:
    hundredths = str(seconds * 100)
    site.run("ip", "link", "set", "dev", bridge_name(site), "type", "bridge", "forward_delay", hundredths)


def _set_switch(site: Site, priority: int, delay: int) -> None:
    words = ("ip", "link", "set", "dev", "sw0", "type", "bridge")
    site.run(*_in_switch(), *words, "forward_delay", str(delay * 100))
    site.run(*_in_switch(), *words, "priority", str(priority))


def switch_takes_over(site: Site, delay: int) -> None:
    """The switch becomes the root, and its delay the whole tree's."""
    _set_switch(site, priority=_BEST_PRIORITY, delay=delay)
    settle(site)


def switch_follows(site: Site, delay: int) -> None:
    """The switch keeps to this bridge's tree, whatever delay it would use as its root."""
    _set_switch(site, priority=_WORST_PRIORITY, delay=delay)
    settle(site)


def switch_steps_down(site: Site) -> None:
    """The switch as it was built, its cable pulled and put in again: a bridge remembers a lost root for 20 s."""
    site.run("ip", "link", "set", "dev", uplink_name(site), "down")
    _set_switch(site, priority=_WORST_PRIORITY, delay=2)
    site.run("ip", "link", "set", "dev", uplink_name(site), "up")
    settle(site)


def settle(site: Site) -> None:
    """Waits until both bridges have agreed on their root and the uplink forwards; at once where STP is off here."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while not _settled(site):
        if time.monotonic() > deadline:
            raise SiteError(f"the spanning tree of {bridge_name(site)} did not settle in {_SETTLE_SECONDS} s")
        time.sleep(_POLL_SECONDS)


def _settled(site: Site) -> bool:
    bridge, uplink = bridge_name(site), uplink_name(site)
    if _sysfs(site, f"{bridge}/bridge/stp_state") == "0":
        return True
    switch = site.run(*_in_switch(), "cat", "/sys/class/net/sw0/bridge/bridge_id", "/sys/class/net/sw0/bridge/root_id")
    switch_id, switch_root = switch.split()
    root = min(switch_id, _sysfs(site, f"{bridge}/bridge/bridge_id"))
    agreed = switch_root == root == _sysfs(site, f"{bridge}/bridge/root_id")
    heard = _bpdus(site, uplink) > 0
    return agreed and heard and _sysfs(site, f"{uplink}/brport/state") == "3"


def _sysfs(site: Site, path: str) -> str:
    return site.run("cat", f"/sys/class/net/{path}").strip()


def _bpdus(site: Site, port: str) -> int:
    """BPDUs of either kind that the port has received (ip-link(8) xstats)."""
    words = site.run("ip", "link", "xstats", "type", "bridge_slave", "dev", port, "stp").split()
    return sum(int(word) for name, word in pairwise(words) if name == "RX:")


def settled_cold_start(site: Site) -> Attempt:
    """A guest's cold start on the bridge, once its spanning tree is at rest."""
    settle(site)
    return cold_start(site, bridge=bridge_name(site))
