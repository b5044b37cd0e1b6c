"""Which program writes chains and tables of this name; "" where nobody can tell from the name alone."""

# Chain names: the programs' own sources.
_CHAINS = (
    ("LIBVIRT_", "libvirt"),
    ("libvirt-", "libvirt nwfilter"),
    ("ufw-", "ufw"),
    ("ufw6-", "ufw"),
    ("DOCKER", "Docker"),
    ("f2b-", "fail2ban"),
    ("KUBE-", "kube-proxy"),
    ("cali-", "Calico"),
    ("CILIUM_", "Cilium"),
    ("NETAVARK", "podman"),
    ("CNI-", "podman"),
    ("nixos-fw", "NixOS firewall"),
    ("PVEFW-", "Proxmox firewall"),
    ("INPUT_direct", "firewalld"),
    ("INPUT_ZONES", "firewalld"),
)
_TABLES = (("firewalld", "firewalld"), ("libvirt_", "libvirt"), ("docker-bridges", "Docker"), ("netavark", "podman"))


def owner_of(table: str, chain: str) -> str:
    for prefix, owner in _TABLES:
        if table.startswith(prefix):
            return owner
    return next((owner for prefix, owner in _CHAINS if chain.startswith(prefix)), "")
