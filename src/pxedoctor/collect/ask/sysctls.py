"""Asks for kernel settings that decide a guest's boot traffic, as files below /proc/sys.

None of these files loads a module: those of br_netfilter and of conntrack are there only once their module is.
"""

from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.ask.bridges import NET

SYSCTL = "/proc/sys"

HOST_WIDE = (
    "net/bridge/bridge-nf-call-iptables",
    "net/bridge/bridge-nf-call-ip6tables",
    "net/bridge/bridge-nf-call-arptables",
    "net/bridge/bridge-nf-filter-vlan-tagged",
    "net/ipv4/ip_forward",
    *(f"net/{family}/neigh/default/gc_thresh{number}" for family in ("ipv4", "ipv6") for number in (1, 2, 3)),
    "net/netfilter/nf_conntrack_count",
    "net/netfilter/nf_conntrack_helper",
    "net/netfilter/nf_conntrack_max",
    "net/nf_conntrack_max",
)
PER_DEVICE = (
    ("net/ipv4/conf", ("forwarding", "proxy_arp", "rp_filter")),
    ("net/ipv6/conf", ("accept_ra", "addr_gen_mode", "disable_ipv6", "forwarding")),
)
_FOR_ALL = ("all", "default")


def ask(host: Notebook) -> None:
    host.names(f"{SYSCTL}/net")
    for name in HOST_WIDE:
        host.read(f"{SYSCTL}/{name}")
    # Taps left out: nothing is routed through them, and there may be hundreds.
    devices = [device for device in host.names(NET) if "tun_flags" not in host.names(f"{NET}/{device}")]
    for folder, names in PER_DEVICE:
        for device in (*_FOR_ALL, *devices):
            for name in names:
                host.read(f"{SYSCTL}/{folder}/{device}/{name}")
