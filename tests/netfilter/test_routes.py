"""What a host's routes say for certain about addresses, and what they leave open."""

from ipaddress import ip_address

import pytest

from pxedoctor.netfilter.address import address_range
from pxedoctor.netfilter.routes import Prefix, Routes, Rule


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


def rule(table: str, version: int = 4, mark: tuple[int, int] | None = None, certain: bool = True) -> Rule:
    return Rule(version=4 if version == 4 else 6, table=table, mark=mark, certain=certain)


# net/ipv4/fib_rules.c fib_default_rules_init, net/ipv6/fib6_rules.c: what every host has.
USUAL = tuple(rule(table, version) for version in (4, 6) for table in ("local", "main", "default")[: 9 - version])
OUT = prefix("0.0.0.0", "255.255.255.255", "eno1")
LINKS = (prefix("fe80::", "fe80::ffff:ffff:ffff:ffff", "eno1"), prefix("fe80::", "fe80::ffff:ffff:ffff:ffff"))
HERE = Routes((*HOST.prefixes, OUT, *LINKS, own("fe80::fe"), own("fe80::", "anycast")), rules=USUAL)


@pytest.mark.parametrize(
    ("device", "source", "leads"),
    [
        ("br0", "192.0.2.7", True),
        ("br0", "192.0.2.0-192.0.2.255", True),
        ("br0", "192.0.2.1", False),
        ("br0", "198.51.100.7", False),
        ("eno1", "198.51.100.7", True),
        ("eno1", "192.0.2.7", False),
        ("br0", "192.0.2.200-192.0.3.7", False),
        ("br0", "fe80::7", True),
        ("br0", "fe80::-fe80::ffff:ffff:ffff:ffff", True),
        ("br0", "fe80::fe", False),
        ("br0", "fe80:0:0:1::7", False),
        ("br1", "fe80::7", False),
    ],
)
def test_the_longest_prefix_of_the_first_table_that_has_one_leads_back(device: str, source: str, leads: bool) -> None:
    """Of a range of addresses none is the host's own, nor its net's broadcast: those it has itself."""
    assert HERE.leads_back(6 if ":" in source else 4, device, address_range(source), 0) is leads


BEFORE = prefix("192.0.2.0", "192.0.2.255", "wg0", table="100")


@pytest.mark.parametrize(
    ("first", "mark", "leads"),
    [
        (rule("100"), 0, False),
        (rule("7"), 0, True),
        (rule("100", mark=(0x10, 0xFF)), 0, True),
        (rule("100", mark=(0x10, 0xFF)), 0x110, False),
        (rule("100", mark=(0x10, 0xFF)), None, False),
        (rule("7", mark=(0x10, 0xFF)), None, True),
        (rule("100", certain=False), 0, False),
        (rule("7", certain=False), 0, True),
        (rule("", certain=False), 0, False),
        (rule("100", 6), 0, True),
    ],
    ids=[
        "a table with another way", "one without a route", "for another mark", "for this mark", "for a mark not known",
        "for that, without a route", "not understood", "that without a route", "no table", "of the other family",
    ],
)  # fmt: skip
def test_a_rule_of_policy_routing_comes_before(first: Rule, mark: int | None, leads: bool) -> None:
    routes = Routes((*HERE.prefixes, BEFORE), rules=(first, *USUAL))
    assert routes.leads_back(4, "br0", address_range("192.0.2.7"), mark) is leads


@pytest.mark.parametrize(
    "more",
    [
        prefix("192.0.2.0", "192.0.2.15", "br1"),
        prefix("192.0.2.0", "192.0.2.255", "br1"),
        prefix("192.0.2.0", "192.0.2.127", ""),
        prefix("192.0.2.0", "192.0.2.15", "", "blackhole"),
        prefix("192.0.2.0", "192.0.2.15", kind="local", table="local"),
    ],
    ids=["elsewhere for some", "by another metric", "several ways", "refused for some", "a local net"],
)
def test_where_some_of_the_addresses_have_another_way_nothing_is_said(more: Prefix) -> None:
    routes = Routes((*HERE.prefixes, more), rules=USUAL)
    assert not routes.leads_back(4, "br0", address_range("192.0.2.2-192.0.2.99"), 0)


def test_nor_without_its_rules_nor_in_a_vrf_nor_by_a_route_that_may_come() -> None:
    guest = address_range("192.0.2.7")
    assert not Routes(HERE.prefixes).leads_back(4, "br0", guest, 0)
    assert not Routes(HERE.prefixes, rules=()).leads_back(4, "br0", guest, 0)
    assert not Routes(HERE.prefixes, (("br0", "blue"),), USUAL).leads_back(4, "br0", guest, 0)
    to_come = Prefix(version=4, net=address_range("192.0.2.0-192.0.2.255"), device="br0", sure=False)
    assert not Routes((to_come,), rules=USUAL).leads_back(4, "br0", guest, 0)


def test_what_is_no_address_of_this_host_in_any_table_is_none() -> None:
    routes = Routes((own("fd00::1"), own("fd00::", "anycast"), prefix("fd00::", "fd00::ffff")))
    assert routes.is_not_local6(address_range("fd00::2-fd00::9"))
    assert not routes.is_not_local6(address_range("fd00::1"))
    assert not routes.is_not_local6(address_range("fd00::"))


def test_without_a_route_to_itself_nothing_was_listed() -> None:
    assert (HOST.knows(4), HOST.knows(6)) == (True, False)
