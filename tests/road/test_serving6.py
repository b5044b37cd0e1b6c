"""What a host serves over IPv6 on a bridge: leases, advertisements, or what is told to those who have an address."""

import pytest

from builders import host, link, network
from pxedoctor.model.libvirt import Network, Subnet
from pxedoctor.model.link import Address
from pxedoctor.model.process import Process
from pxedoctor.road.serving6 import may_serve6, serving6

PREFIX = Subnet(family="ipv6", address="fd00:150::1", prefix=64)
RANGE = Subnet(family="ipv6", address="fd00:150::1", prefix=64, ranges=(("fd00:150::10", "fd00:150::ff"),))
BR0 = link("br0", kind="bridge", addresses=(Address(family="inet6", address="fd00:150::1", prefix=64),))
VIRBR0 = link("virbr0", kind="bridge", addresses=BR0.addresses)


def process(*settings: str, name: str = "dnsmasq", command: str = "dnsmasq --conf-file=/etc/d.conf") -> Process:
    return Process(pid=7, parent=1, state="S", name=name, command=command, settings=settings)


def said(*settings: str, bridge: str = "br0") -> tuple[bool, bool, bool] | None:
    found = serving6(host(links=(BR0,), processes=(process(*settings),)), bridge, None)
    return None if found is None else (found.leases, found.tells, found.advertises)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (("dhcp-range=fd00:150::10,fd00:150::ff,64,1h",), (True, True, False)),
        (("enable-ra", "dhcp-range=fd00:150::10,fd00:150::ff"), (True, True, True)),
        (("dhcp-range=fd00:150::10,fd00:150::ff,slaac",), (True, True, True)),
        (("dhcp-range=tag:a,fd00:150::,static",), (True, True, False)),
        (("dhcp-range=fd00:150::,ra-only",), (False, False, True)),
        (("dhcp-range=fd00:150::,ra-stateless,ra-names",), (False, True, True)),
        (("dhcp-range=::,constructor:br0,ra-stateless",), (False, True, True)),
        (("dhcp-range=::10,::ff,constructor:br*,64",), (True, True, False)),
        (("dhcp-range=::,constructor:br1,ra-only",), None),
        (("dhcp-range=fd00:151::,ra-only",), None),
        (("dhcp-range=10.0.0.10,10.0.0.99",), None),
        (("interface=br1", "dhcp-range=fd00:150::,ra-only"), None),
    ],
)
def test_a_dnsmasq_by_its_ranges(settings: tuple[str, ...], expected: tuple[bool, bool, bool] | None) -> None:
    assert said(*settings) == expected


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (network(subnets=(RANGE,)), (True, True, True)),
        (network(subnets=(PREFIX,)), (False, False, True)),
        (network(subnets=(PREFIX,), server_options=("dhcp-range=fd00:150::,ra-stateless",)), (False, True, True)),
        (network(subnets=(PREFIX,), dns=False), None),
        (network(subnets=(PREFIX,), active=False), None),
        (network(), None),
    ],
    ids=["leases", "a prefix alone", "with a line of its own", "without a dnsmasq", "off", "IPv4 alone"],
)
def test_libvirts_network(one: Network, expected: tuple[bool, bool, bool] | None) -> None:
    found = serving6(host(links=(VIRBR0,)), "virbr0", one)
    assert (None if found is None else (found.leases, found.tells, found.advertises)) == expected


URL = "dhcp-option=option6:bootfile-url,tftp://[fd00:150::1]/boot.efi"
OTHER = "dhcp-option=option6:59,http://[fd00:150::1]:8080/boot.efi"


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ((URL,), "tftp://[fd00:150::1]/boot.efi"),
        ((OTHER.replace("http", '"http') + '"',), "http://[fd00:150::1]:8080/boot.efi"),
        ((URL.replace("dhcp-option", "dhcp-option-force"),), "tftp://[fd00:150::1]/boot.efi"),
        ((URL, OTHER), ""),
        ((URL, OTHER.replace("option6", "tag:efi,option6")), ""),
        ((URL.replace("option6", "tag:efi,option6"),), ""),
        (("dhcp-option=59,30",), ""),
    ],
    ids=["by name", "by number", "forced", "two", "another for some", "for some alone", "IPv4's 59"],
)
def test_where_a_dnsmasq_says_that_the_boot_file_is(settings: tuple[str, ...], url: str) -> None:
    ranged = "dhcp-range=fd00:150::10,fd00:150::ff"
    found = serving6(host(links=(BR0,), processes=(process(ranged, *settings),)), "br0", None)
    of_libvirt = serving6(host(links=(VIRBR0,)), "virbr0", network(subnets=(RANGE,), server_options=settings))
    assert [one.boot_url for one in (found, of_libvirt) if one is not None] == [url, url]


def test_who_may_serve_is_named() -> None:
    radvd, ours = process(name="radvd", command="radvd"), process("dhcp-range=10.0.0.10,10.0.0.99")
    assert "radvd (pid 7) may serve IPv6 there" in may_serve6(host(processes=(radvd, ours)))
    assert may_serve6(host(processes=(process(name="dhcpd", command="dhcpd -6 -cf x"),)))
    assert may_serve6(host(processes=(process(name="dhcpd", command="dhcpd -cf x"), ours))) == ""
