"""What a host's routes say for certain about addresses, and what they leave open."""

from ipaddress import ip_address

import pytest

from pxedoctor.netfilter.address import address_range
from pxedoctor.netfilter.routes import Prefix, Routes


def prefix(low: str, high: str, device: str = "br0", kind: str = "unicast", table: str = "main") -> Prefix:
    version = ip_address(low).version
    net = address_range(f"{low}-{high}")
    return Prefix(version=4 if version == 4 else 6, net=net, device=device, kind=kind, table=table)


def own(address: str, kind: str = "local") -> Prefix:
    return prefix(address, address, kind=kind, table="local")


LOOPBACK = prefix("127.0.0.0", "127.255.255.255", "lo", "local", "local")
HOST = Routes((LOOPBACK, own("192.0.2.1"), own("192.0.2.255", "broadcast"), prefix("192.0.2.0", "192.0.2.255")))


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("192.0.2.1", "local"),
        ("127.9.9.9", "local"),
        ("192.0.2.255", "broadcast"),
        ("192.0.2.2", "unicast"),
        ("192.0.2.10-192.0.2.99", "unicast"),
        ("198.51.100.1", "unicast"),
        ("192.0.2.1-192.0.2.9", None),
        ("192.0.2.0-192.0.2.255", None),
    ],
)
def test_the_table_local_says_what_an_address_is(address: str, kind: str | None) -> None:
    assert HOST.type4(address_range(address)) == kind


def test_a_longer_prefix_in_main_counts_on_some_hosts_only() -> None:
    parted = Routes((LOOPBACK, prefix("127.1.0.0", "127.1.255.255", "br0")))
    assert parted.type4(address_range("127.1.2.3")) is None
    assert parted.type4(address_range("127.2.2.3")) == "local"


def test_a_local_route_in_main_is_one_on_some_hosts_only() -> None:
    proxy = Routes((LOOPBACK, prefix("203.0.113.0", "203.0.113.255", "lo", "local")))
    assert proxy.type4(address_range("203.0.113.7")) is None


def test_a_local_route_in_a_table_of_its_own_makes_no_address_local() -> None:
    tproxy = Routes((LOOPBACK, prefix("0.0.0.0", "255.255.255.255", "lo", "local", "100")))
    assert tproxy.type4(address_range("203.0.113.7")) == "unicast"


@pytest.mark.parametrize(
    ("device", "source", "local", "nowhere"),
    [
        ("br0", "192.0.2.7", False, False),
        ("br0", "198.51.100.7", False, True),
        ("br0", "192.0.2.200-198.51.100.7", False, False),
        ("br1", "192.0.2.7", False, True),
        ("lo", "127.0.0.1", True, False),
        ("lo", "127.0.0.1", False, True),
    ],
)
def test_without_a_route_through_the_device_there_is_no_way_back(
    device: str, source: str, local: bool, nowhere: bool
) -> None:
    assert HOST.leads_nowhere(4, device, address_range(source), local) is nowhere


@pytest.mark.parametrize(
    "route",
    [
        prefix("0.0.0.0", "255.255.255.255", "br0", table="100"),
        prefix("0.0.0.0", "255.255.255.255", ""),
        prefix("0.0.0.0", "255.255.255.255", "blue"),
    ],
    ids=["in another table", "by several ways", "through its VRF"],
)
def test_any_route_that_may_lead_there_leaves_it_open(route: Prefix) -> None:
    routes = Routes((LOOPBACK, route), (("br0", "blue"),))
    assert not routes.leads_nowhere(4, "br0", address_range("198.51.100.7"))


def test_a_route_that_refuses_is_no_way() -> None:
    routes = Routes((LOOPBACK, prefix("0.0.0.0", "255.255.255.255", "br0", "blackhole")))
    assert routes.leads_nowhere(4, "br0", address_range("198.51.100.7"))


def test_what_is_no_address_of_this_host_in_any_table_is_none() -> None:
    routes = Routes((own("fd00::1"), own("fd00::", "anycast"), prefix("fd00::", "fd00::ffff")))
    assert routes.is_not_local6(address_range("fd00::2-fd00::9"))
    assert not routes.is_not_local6(address_range("fd00::1"))
    assert not routes.is_not_local6(address_range("fd00::"))


def test_without_a_route_to_itself_nothing_was_listed() -> None:
    assert (HOST.knows(4), HOST.knows(6)) == (True, False)
