"""Parts of machines with a libvirt that has an nftables backend (from 10.4 on), and a kernel on which it works."""

from pxedoctor.lab.site import Site

RELEASE = "trixie"
LACKS = "libvirt's nftables backend, and the csum action of tc that its networks need (CONFIG_NET_ACT_CSUM)"


def choose_nftables(site: Site) -> None:
    """Debian's libvirt 11.3 would take its iptables backend where it may choose (network.conf)."""
    site.write("/etc/libvirt/network.conf", 'firewall_backend = "nftables"\n')
