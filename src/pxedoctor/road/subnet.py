"""The IPv4 networks of devices and of libvirt's networks, as values that can be compared."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network

from pxedoctor.model.libvirt import Network, Subnet
from pxedoctor.model.link import Address, Link


@lru_cache(maxsize=1024)
def ipv4_network(address: str, prefix: int) -> IPv4Network | None:
    """None for what is no IPv4 address with a prefix, e.g. an <ip> without an address."""
    try:
        return IPv4Network((address, prefix), strict=False)
    except ValueError:
        return None


def ipv4_subnets(network: Network) -> tuple[tuple[Subnet, IPv4Network], ...]:
    """The IPv4 elements of a libvirt network with the network each of them spans."""
    found = ((subnet, ipv4_network(subnet.address, subnet.prefix)) for subnet in network.subnets)
    return tuple((subnet, net) for subnet, net in found if subnet.family == "ipv4" and net is not None)


def ipv4_addresses(link: Link) -> tuple[Address, ...]:
    return tuple(entry for entry in link.addresses if entry.family == "inet")


def has_address_in(link: Link, net: IPv4Network) -> bool:
    return any(IPv4Address(entry.address) in net for entry in ipv4_addresses(link))


def shown(link: Link) -> str:
    """Its IPv4 addresses in words."""
    return ", ".join(f"{entry.address}/{entry.prefix}" for entry in ipv4_addresses(link)) or "no IPv4 address"
