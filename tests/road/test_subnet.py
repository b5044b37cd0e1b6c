"""IPv4 networks of devices and of libvirt's networks."""

from ipaddress import IPv4Network

import pytest

from builders import link, network
from pxedoctor.model.libvirt import Subnet
from pxedoctor.model.link import Address
from pxedoctor.road.subnet import has_address_in, ipv4_network, ipv4_subnets, shown

NET = IPv4Network("192.168.122.0/24")


def test_the_network_around_an_address() -> None:
    assert ipv4_network("192.168.122.1", 24) == NET


@pytest.mark.parametrize(("address", "prefix"), [("", 24), ("fd00::1", 64), ("192.168.122.1", 33), ("1.2.3", 8)])
def test_what_is_no_network(address: str, prefix: int) -> None:
    assert ipv4_network(address, prefix) is None


def test_only_the_ipv4_elements_of_a_network() -> None:
    four = Subnet(family="ipv4", address="192.168.122.1", prefix=24)
    six = Subnet(family="ipv6", address="fd00::1", prefix=64)
    empty = Subnet(family="ipv4", address="", prefix=0)
    assert ipv4_subnets(network(subnets=(six, empty, four))) == ((four, NET),)


def test_a_device_with_an_address_in_it() -> None:
    own = Address(family="inet", address="192.168.122.7", prefix=32)
    six = Address(family="inet6", address="fe80::1", prefix=64)
    assert has_address_in(link("virbr0", addresses=(six, own)), NET)
    assert not has_address_in(link("virbr0", addresses=(six,)), NET)
    assert shown(link("virbr0", addresses=(six, own))) == "192.168.122.7/32"
    assert shown(link("virbr0")) == "no IPv4 address"
