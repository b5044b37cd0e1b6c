"""Sites whose guest sits on a bridge into a LAN with a switch of its own, which is another machine as far as this host
can tell: servers stand behind it, each in a network namespace with an eth0."""

from pxedoctor.lab import loader
from pxedoctor.lab.parts import bridge_interface, define_guest, guest_xml, start_libvirt
from pxedoctor.lab.parts_bridge import LAN_SERVER, make_bridge, plug_in_from_elsewhere, serve
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import inside

ROOT, FILE = "/srv/lan-tftp", "boot.0"
BOOTS = ("--enable-tftp", f"--tftp-root={ROOT}", f"--dhcp-boot={FILE}")
SERVER = "lan"
SWITCH = "switch"
# The wire to this host, at the switch.
SWITCH_END = "down0"


def switched_lan_site(site: Site, *options: str, boot: str = "network") -> None:
    """A dnsmasq in the LAN serves DHCP and, by TFTP, the boot file; `options` as in dnsmasq(8). The guest is off."""
    start_libvirt(site)
    make_bridge(site)
    _make_switch(site)
    plug_in_from_elsewhere(site, SWITCH, SWITCH_END)
    in_switch(site, "link", "set", "dev", SWITCH_END, "master", "sw0", "up")
    attach(site, SERVER, LAN_SERVER)
    serve_lan(site, *options)
    define_guest(site, guest_xml(bridge_interface(site.bridge), boot=boot))


def _make_switch(site: Site) -> None:
    site.run("ip", "netns", "add", SWITCH)
    # A new namespace begins with br_netfilter on, where there is one, which would break large packets up
    # (br_netfilter_hooks.c).
    site.run(*inside(SWITCH), "sysctl", "-q", "-e", "-w", "net.bridge.bridge-nf-call-iptables=0")
    in_switch(site, "link", "add", "sw0", "type", "bridge")
    in_switch(site, "link", "set", "dev", "sw0", "up")


def bonded_lan_site(site: Site) -> None:
    """The bridge leads into the LAN by a bond of two NICs, active-backup; the switch knows nothing of bonds."""
    start_libvirt(site)
    make_bridge(site)
    _make_switch(site)
    site.run("ip", "link", "add", site.device("bo"), "type", "bond", "miimon", "100")
    # Not with the word above: only of a bond that is there already does a change of its mode change its offloads
    # (bond_options.c bond_option_mode_set), and another change is to find the bond as it was.
    site.run("ip", "link", "set", "dev", site.device("bo"), "type", "bond", "mode", "active-backup")
    for nic in _bonded_nics(site):
        site.run("ip", "link", "add", nic, "type", "veth", "peer", "name", nic, "netns", SWITCH)
        in_switch(site, "link", "set", "dev", nic, "master", "sw0", "up")
    _bond(site)
    site.run("ip", "link", "set", "dev", site.device("bo"), "master", site.bridge)
    attach(site, SERVER, LAN_SERVER)
    serve_lan(site)
    define_guest(site, guest_xml(bridge_interface(site.bridge)))


def set_bond_mode(site: Site, mode: str) -> None:
    """It has no NICs meanwhile, and is down (bond_options.c)."""
    bond = site.device("bo")
    for nic in _bonded_nics(site):
        site.run("ip", "link", "set", "dev", nic, "nomaster")
    site.run("ip", "link", "set", "dev", bond, "down")
    site.run("ip", "link", "set", "dev", bond, "type", "bond", "mode", mode)
    _bond(site)


def _bonded_nics(site: Site) -> tuple[str, str]:
    return site.device("na"), site.device("nb")


def _bond(site: Site) -> None:
    bond = site.device("bo")
    for nic in _bonded_nics(site):
        site.run("ip", "link", "set", "dev", nic, "down")
        site.run("ip", "link", "set", "dev", nic, "master", bond)
    site.run("ip", "link", "set", "dev", bond, "up")
    carrier = f"until [ $(cat /sys/class/net/{bond}/carrier) = 1 ]; do sleep 0.1; done"
    site.run("timeout", "30", "sh", "-c", carrier)


def serve_lan(site: Site, *options: str) -> None:
    """Starts the LAN's server; an earlier one ends."""
    site.ask("sh", "-c", "kill $(cat /run/own-dnsmasq.pid) && sleep 0.2")
    loader.put(site, f"{ROOT}/{FILE}")
    serve(site, "eth0", *(options or BOOTS), where=inside(SERVER))


def attach(site: Site, name: str, address: str) -> None:
    """Another machine in the LAN."""
    site.run("ip", "netns", "add", name)
    port = f"{name[:8]}0"
    in_switch(site, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", name)
    in_switch(site, "link", "set", "dev", port, "master", "sw0", "up")
    site.run(*inside(name), "ip", "address", "add", f"{address}/24", "dev", "eth0")
    site.run(*inside(name), "ip", "link", "set", "dev", "eth0", "up")


def narrow(site: Site, mtu: int) -> None:
    """The switch's way to this host takes no larger packets; what is larger it drops, and says nothing."""
    in_switch(site, "link", "set", "dev", SWITCH_END, "mtu", str(mtu))


def break_up(site: Site) -> None:
    """The switch looks into packets, and so breaks up what does not fit instead of dropping it (br_netfilter)."""
    site.run(*inside(SWITCH), "sysctl", "-q", "-w", "net.bridge.bridge-nf-call-iptables=1")


def in_switch(site: Site, *words: str) -> None:
    """Words of ip(8), at the switch."""
    site.run("ip", "-n", SWITCH, *words)
