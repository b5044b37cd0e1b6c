"""Asks programs for their versions. Only a snapshot asks: no check needs them, and each costs a process.

virsh(1) --version prints its library's version without connecting to a daemon. firewall-cmd(1) --version asks the
daemon, and firewalld has no such option: its version is the one in its Python package.
"""

from pxedoctor.access.notebook import Notebook

VERSIONS = {
    "libvirt": ("virsh", "--version"),
    "dnsmasq": ("dnsmasq", "--version"),
    "nft": ("nft", "--version"),
    "iptables": ("iptables", "--version"),
    "iproute2": ("ip", "-V"),
    "ethtool": ("ethtool", "--version"),
    "qemu": ("qemu-system-x86_64", "--version"),
    "systemd": ("systemctl", "--version"),
    "firewalld": ("/usr/bin/python3", "-I", "-c", "from firewall.config import VERSION; print('firewalld', VERSION)"),
}


def ask(host: Notebook) -> None:
    for argv in VERSIONS.values():
        host.run(argv)
