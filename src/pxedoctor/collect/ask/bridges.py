"""Asks sysfs for bridges and their ports, and the kernel's per-port BPDU counters."""

from pxedoctor.access.notebook import Notebook

NET = "/sys/class/net"
BRIDGE_FILES = ("stp_state", "forward_delay", "hello_time", "max_age", "root_id", "bridge_id", "root_port")
# Only where the kernel has br_netfilter, and VLAN filtering.
BRIDGE_SWITCHES = ("nf_call_iptables", "nf_call_ip6tables", "nf_call_arptables", "vlan_filtering")
PORT_FILES = ("state", "port_no")
# Flags of bridge(8), of which older kernels have fewer; `locked` is in no file, `ip -d` tells it.
PORT_SWITCHES = ("isolated", "unicast_flood", "multicast_flood", "broadcast_flood", "learning")


def xstats(port: str) -> tuple[str, ...]:
    """BPDUs that a port received (kernel 5.6 and later; ip-link(8) xstats)."""
    return ("ip", "-j", "link", "xstats", "type", "bridge_slave", "dev", port, "stp")


def ask(host: Notebook) -> None:
    for device in host.names(NET):
        if not host.names(f"{NET}/{device}/bridge"):
            continue
        for file in (*BRIDGE_FILES, *BRIDGE_SWITCHES):
            host.read(f"{NET}/{device}/bridge/{file}")
        for port in host.names(f"{NET}/{device}/brif"):
            for file in (*PORT_FILES, *PORT_SWITCHES):
                host.read(f"{NET}/{port}/brport/{file}")
            # A tap's BPDUs would be a guest's; only other ports lead to a switch, and each question costs a process.
            if "tun_flags" not in host.names(f"{NET}/{port}"):
                host.run(xstats(port))
