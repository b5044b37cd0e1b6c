"""The programs that write packet filter rules, and what in a ruleset bears their names. Sources: their own code.

Order matters within a list: the first entry that fits decides.
"""

import re
from enum import StrEnum


class Owner(StrEnum):
    """Who put a rule there, in the words in which a person speaks of it; UNKNOWN is an answer."""

    LIBVIRT = "libvirt"
    NWFILTER = "libvirt nwfilter"
    FIREWALLD = "firewalld"
    UFW = "ufw"
    DOCKER = "Docker"
    PODMAN = "podman"
    CNI = "CNI plugins"
    KUBE_PROXY = "kube-proxy"
    CALICO = "Calico"
    CILIUM = "Cilium"
    FLANNEL = "flannel"
    LXD = "LXD"
    INCUS = "Incus"
    LXC = "lxc-net"
    MULTIPASS = "Multipass"
    PROXMOX = "Proxmox firewall"
    FAIL2BAN = "fail2ban"
    CROWDSEC = "CrowdSec"
    CSF = "ConfigServer firewall"
    WG_QUICK = "wg-quick"
    NIXOS = "NixOS firewall"
    SHOREWALL = "Shorewall"
    TAILSCALE = "Tailscale"
    OPENWRT = "OpenWrt firewall"
    NETWORK_MANAGER = "NetworkManager"
    NETWORKD = "systemd-networkd"
    NEUTRON = "OpenStack Neutron"
    NFTABLES_SERVICE = "nftables.service"
    IPTABLES_PERSISTENT = "iptables-persistent"
    IPTABLES_SERVICE = "iptables.service"
    SCRIPT = "a script"
    PXEDOCTOR = "pxedoctor"
    UNKNOWN = ""


# Tables of nft; `*`: the name begins so.
TABLES: tuple[tuple[str, Owner], ...] = (
    ("firewalld*", Owner.FIREWALLD),
    ("libvirt_nwfilter*", Owner.NWFILTER),
    ("libvirt_*", Owner.LIBVIRT),
    ("docker-bridges", Owner.DOCKER),
    ("netavark", Owner.PODMAN),
    ("kube-proxy", Owner.KUBE_PROXY),
    ("calico", Owner.CALICO),
    ("calico-*", Owner.CALICO),
    ("lxd", Owner.LXD),
    ("incus", Owner.INCUS),
    ("lxc", Owner.LXC),
    ("proxmox-firewall", Owner.PROXMOX),
    ("proxmox-firewall-guests", Owner.PROXMOX),
    ("f2b-*", Owner.FAIL2BAN),
    ("crowdsec", Owner.CROWDSEC),
    ("crowdsec6", Owner.CROWDSEC),
    ("nixos-fw", Owner.NIXOS),
    ("nixos-nat", Owner.NIXOS),
    ("fw4", Owner.OPENWRT),
    ("nm-shared-*", Owner.NETWORK_MANAGER),
    ("wg-quick-*", Owner.WG_QUICK),
    ("io.systemd.nat", Owner.NETWORKD),
)

# Chains, wherever they are: the beginning of the name.
CHAINS: tuple[tuple[str, Owner], ...] = (
    ("LIBVIRT_", Owner.LIBVIRT),
    ("libvirt-", Owner.NWFILTER),
    ("ufw-", Owner.UFW),
    ("ufw6-", Owner.UFW),
    ("DOCKER", Owner.DOCKER),
    ("f2b-", Owner.FAIL2BAN),
    ("fail2ban-", Owner.FAIL2BAN),
    ("KUBE-", Owner.KUBE_PROXY),
    ("cali-", Owner.CALICO),
    ("filter-cali-", Owner.CALICO),
    ("CILIUM_", Owner.CILIUM),
    ("OLD_CILIUM_", Owner.CILIUM),
    ("FLANNEL-", Owner.FLANNEL),
    ("NETAVARK", Owner.PODMAN),
    ("CNI-", Owner.CNI),
    ("nixos-fw", Owner.NIXOS),
    ("PVEFW-", Owner.PROXMOX),
    ("ts-", Owner.TAILSCALE),
    ("CROWDSEC", Owner.CROWDSEC),
    ("nm-sh-", Owner.NETWORK_MANAGER),
    ("neutron-", Owner.NEUTRON),
)

# Chains whose names hold a device's, a zone's or a group's: the whole name, of any family.
CHAIN_PATTERNS: tuple[tuple[str, Owner], ...] = (
    # firewalld's iptables backend (src/firewall/core/ipXtables.py).
    (
        r"(PREROUTING|POSTROUTING|INPUT|FORWARD|OUTPUT)_(direct|ZONES|ZONES_SOURCE|POLICIES_\w+)",
        Owner.FIREWALLD,
    ),
    (r"FORWARD_(IN|OUT)_ZONES(_SOURCE)?|RFC3964_IPv4", Owner.FIREWALLD),
    # PVE::Firewall: a guest's device, a security group.
    (r"(G?DENY|G?ALLOW|LOGDROP)(IN|OUT)|INVDROP|LOCAL(INPUT|OUTPUT)", Owner.CSF),
    (r"(tap|veth)\d+i\d+-(IN|OUT)(-ARP)?|GROUP-\S+-(IN|OUT)", Owner.PROXMOX),
)
# Too short to be told alone: only in a table that holds a chain which names the program by itself.
BESIDE: tuple[tuple[str, Owner], ...] = (
    # A zone's or a policy's, with or without its part: IN_public, IN_public_allow.
    (r"(IN|FWD|FWDI|FWDO|PRE|POST|OUT)_\S+", Owner.FIREWALLD),
    # One tap's, per direction and protocol (nwfilter_ebiptables_driver.c): FI-vnet0, I-vnet0-arp.
    (r"[FH]?[IOJP]-\S+", Owner.NWFILTER),
)

# Comments on rules: the beginning.
COMMENTS: tuple[tuple[str, Owner], ...] = (
    ("pxedoctor", Owner.PXEDOCTOR),
    ("cali:", Owner.CALICO),
    ("cilium: ", Owner.CILIUM),
    ("cilium-feeder: ", Owner.CILIUM),
    ("flanneld ", Owner.FLANNEL),
    ("generated for LXD network", Owner.LXD),
    ("generated for Incus network", Owner.INCUS),
    ("generated for Multipass network", Owner.MULTIPASS),
    ("nm-shared-", Owner.NETWORK_MANAGER),
    ("wg-quick(8) rule for ", Owner.WG_QUICK),
    ("!fw3", Owner.OPENWRT),
    ("!fw4", Owner.OPENWRT),
)

# Configuration files: the beginning of the path.
FILES: tuple[tuple[str, Owner], ...] = (
    ("/etc/ufw/", Owner.UFW),
    ("/etc/default/ufw", Owner.UFW),
    ("/etc/iptables/rules.v", Owner.IPTABLES_PERSISTENT),
    ("/etc/iptables/", Owner.IPTABLES_SERVICE),
    ("/etc/sysconfig/iptables", Owner.IPTABLES_SERVICE),
    ("/etc/sysconfig/ip6tables", Owner.IPTABLES_SERVICE),
    ("/etc/sysconfig/nftables.conf", Owner.NFTABLES_SERVICE),
    ("/etc/nftables", Owner.NFTABLES_SERVICE),
    ("/etc/firewalld/", Owner.FIREWALLD),
    ("/etc/shorewall", Owner.SHOREWALL),
    ("/etc/pve/", Owner.PROXMOX),
)

# The process whose running tells that the program is at work; programs that leave rules and end have none.
PROCESSES: dict[Owner, tuple[str, ...]] = {
    Owner.LIBVIRT: ("libvirtd", "virtnetworkd"),
    Owner.NWFILTER: ("libvirtd", "virtnwfilterd"),
    Owner.FIREWALLD: ("firewalld",),
    Owner.DOCKER: ("dockerd",),
    Owner.KUBE_PROXY: ("kube-proxy", "kubelet"),
    Owner.CALICO: ("calico-node",),
    Owner.CILIUM: ("cilium-agent",),
    Owner.LXD: ("lxd",),
    Owner.INCUS: ("incusd",),
    Owner.MULTIPASS: ("multipassd",),
    Owner.PROXMOX: ("pve-firewall", "proxmox-firewal"),
    Owner.FAIL2BAN: ("fail2ban-server",),
    Owner.TAILSCALE: ("tailscaled",),
    Owner.NETWORK_MANAGER: ("NetworkManager",),
    Owner.NETWORKD: ("systemd-network",),
}


def owner_of_table(name: str) -> Owner:
    for pattern, owner in TABLES:
        if name == pattern or (pattern.endswith("*") and name.startswith(pattern[:-1])):
            return owner
    return Owner.UNKNOWN


def owner_of_chain(name: str) -> Owner:
    """From its name alone; a built-in chain (INPUT, input) belongs to nobody by name."""
    found = _first(name, CHAINS)
    return found or next((owner for pattern, owner in CHAIN_PATTERNS if re.fullmatch(pattern, name)), Owner.UNKNOWN)


def owner_of_comment(comment: str) -> Owner:
    return _first(comment, COMMENTS)


def owner_of_file(path: str) -> Owner:
    """Whatever else holds rules is a script that somebody wrote, or a file that nftables.service includes."""
    if path.endswith(".nft"):
        return Owner.NFTABLES_SERVICE
    return _first(path, FILES) or Owner.SCRIPT


def _first(text: str, names: tuple[tuple[str, Owner], ...]) -> Owner:
    return next((owner for prefix, owner in names if text.startswith(prefix)), Owner.UNKNOWN)
