"""Asks sysfs for bridges and their ports, and the kernel's per-port BPDU counters."""

from pxedoctor.access.answer import Text
from pxedoctor.access.netlink_bridge import QUERIERS
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.ask.links import LINKS

NET = "/sys/class/net"
BRIDGE_FILES = ("stp_state", "forward_delay", "hello_time", "max_age", "root_id", "bridge_id", "root_port")
# Only where the kernel has br_netfilter, and VLAN filtering.
BRIDGE_SWITCHES = (
    *("nf_call_iptables", "nf_call_ip6tables", "nf_call_arptables", "vlan_filtering", "default_pvid"),
    *("multicast_snooping", "multicast_querier"),
)
PORT_FILES = ("state", "port_no")
# Flags of bridge(8), of which older kernels have fewer; `locked` is in no file, `ip -d` tells it.
PORT_SWITCHES = ("isolated", "unicast_flood", "multicast_flood", "broadcast_flood", "learning")


# All ports and bridges at once; asked for only where a bridge filters by VLAN (bridge(8) vlan show).
VLANS = ("bridge", "-j", "vlan", "show")


# Which ports get which group; asked for only where a bridge with a way out snoops, and somebody queries on it.
MEMBERS = ("bridge", "-j", "-d", "mdb", "show")


def fdb(bridge: str) -> tuple[str, ...]:
    """Which addresses a bridge knows behind which port: asked for only where a port's flags make it matter."""
    return ("bridge", "-j", "fdb", "show", "br", bridge)


def xstats(port: str) -> tuple[str, ...]:
    """BPDUs that a port received (kernel 5.6 and later; ip-link(8) xstats)."""
    return ("ip", "-j", "link", "xstats", "type", "bridge_slave", "dev", port, "stp")


def ask(host: Notebook) -> None:
    filters = snoops = locked = False
    for device in host.names(NET):
        if not host.names(f"{NET}/{device}/bridge"):
            continue
        host.read(f"{NET}/{device}/ifindex")
        for file in (*BRIDGE_FILES, *BRIDGE_SWITCHES):
            host.read(f"{NET}/{device}/bridge/{file}")
        filters = filters or _is_on(host, f"{NET}/{device}/bridge/vlan_filtering")
        ports = host.names(f"{NET}/{device}/brif")
        for port in ports:
            for file in (*PORT_FILES, *PORT_SWITCHES):
                host.read(f"{NET}/{port}/brport/{file}")
            # A tap's BPDUs would be a guest's; only other ports lead to a switch, and each question costs a process.
            if "tun_flags" not in host.names(f"{NET}/{port}"):
                host.run(xstats(port))
                snoops = snoops or _is_on(host, f"{NET}/{device}/bridge/multicast_snooping")
        locked = locked or (bool(ports) and _is_any_locked(host))
        if ports and (locked or any(_is_particular(host, port) for port in ports)):
            host.run(fdb(device))
    if filters:
        host.run(VLANS)
    if snoops:
        _ask_members(host)


def _ask_members(host: Notebook) -> None:
    told = host.dump(QUERIERS)
    if isinstance(told, Text) and any("null" not in line for line in told.text.splitlines()):
        host.run(MEMBERS)


def _is_particular(host: Notebook, port: str) -> bool:
    """Whether what the port takes in or gets depends on the addresses that somebody entered for it."""
    flags = [host.read(f"{NET}/{port}/brport/{file}") for file in ("learning", "unicast_flood")]
    return any(isinstance(answer, Text) and answer.text.strip() == "0" for answer in flags)


def _is_any_locked(host: Notebook) -> bool:
    links = host.run(LINKS)
    return isinstance(links, Text) and '"locked":true' in links.text


def _is_on(host: Notebook, path: str) -> bool:
    answer = host.read(path)
    return isinstance(answer, Text) and answer.text.strip() == "1"
