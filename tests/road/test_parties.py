"""The two ends of an exchange: their addresses, and where the boot file is."""

import pytest

from builders import MAC, bridge, host, link, network, target
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Subnet
from pxedoctor.model.link import Address
from pxedoctor.model.route import Route, RoutingRule
from pxedoctor.road.answering import Server, ServerKind
from pxedoctor.road.dnsmasq import Served
from pxedoctor.road.parties import Boot, BootFrom, boot_of, parties_of

VIRBR0 = link(
    "virbr0",
    kind="bridge",
    mac="52:54:00:aa:bb:cc",
    addresses=(Address(family="inet", address="192.168.122.1", prefix=24),),
)
ANYBODY = "1.0.0.0-223.255.255.255"
ON = bridge("virbr0")
GUEST = target(bridge="virbr0", network="default")
ROUTES = (
    Route(family="inet", destination="default", device="eno1"),
    Route(family="inet", destination="10.7.0.0/16", device="eno2", metric=100),
    Route(family="inet", destination="10.7.0.0/16", device="wlan0", metric=600),
    Route(family="inet", destination="10.7.1.0/24", device="tun0", table="52"),
)


def subnet(**changes: object) -> Subnet:
    values: dict[str, object] = {"family": "ipv4", "address": "192.168.122.1", "prefix": 24}
    return Subnet(**(values | {"ranges": (("192.168.122.2", "192.168.122.254"),)} | changes))  # type: ignore[arg-type]


def server(**changes: object) -> Server:
    return Server(kind=ServerKind.UDP, why="w", network=network(subnets=(subnet(**changes),)))


def rule(table: str, family: str = "inet", **more: object) -> RoutingRule:
    return RoutingRule(family=family, priority=0, table=table, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("of", "address", "guest"),
    [
        (server(), "192.168.122.1", "192.168.122.2-192.168.122.254"),
        (server(hosts=1), "192.168.122.1", "192.168.122.0-192.168.122.255"),
        (
            server(ranges=(("192.168.122.50", "192.168.122.60"), ("192.168.122.9", "192.168.122.20"))),
            "192.168.122.1",
            "192.168.122.9-192.168.122.60",
        ),
        (server(ranges=(("nonsense", "x"),)), "192.168.122.1", None),
        (Server(kind=ServerKind.RAW, why="w"), "192.168.122.1", "192.168.122.0-192.168.122.255"),
        (
            Server(kind=ServerKind.UDP, why="w", served=Served(server="10.0.0.1", range="10.0.0.5-10.0.0.9")),
            "10.0.0.1",
            "10.0.0.5-10.0.0.9",
        ),
        (Server(kind=ServerKind.OUTSIDE, why="w", port="eno1"), ANYBODY, ANYBODY),
    ],
    ids=["a range", "reservations", "two ranges", "no address", "its settings are not known", "a dnsmasq", "outside"],
)
def test_what_is_known_of_both(of: Server, address: str | None, guest: str | None) -> None:
    found = parties_of(host(links=(VIRBR0,)), ON, GUEST, of, None)
    assert (found.guest_mac, found.server, found.guest) == (MAC, address, guest)
    assert found.server_mac == ("52:54:00:aa:bb:cc" if of.here else None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"tftp_root": "/srv"}, Boot(where=BootFrom.HERE, address="192.168.122.1")),
        ({"boot_file": "x", "boot_server": "192.168.122.7"}, Boot(where=BootFrom.BRIDGED, address="192.168.122.7")),
        (
            {"boot_file": "x", "boot_server": "10.7.1.1"},
            Boot(where=BootFrom.ROUTED, address="10.7.1.1", device="eno2"),
        ),
        (
            {"boot_file": "x", "boot_server": "198.51.100.1"},
            Boot(where=BootFrom.ROUTED, address="198.51.100.1", device="eno1"),
        ),
        ({"boot_file": "x", "boot_server": "boot.example.org"}, None),
        (
            {"boot_file": "http://192.168.122.1:8080/a.efi"},
            Boot(where=BootFrom.HERE, address="192.168.122.1", http=True, port=8080),
        ),
        (
            {"boot_file": "https://10.7.1.1/a.efi"},
            Boot(where=BootFrom.ROUTED, address="10.7.1.1", http=True, port=443, device="eno2"),
        ),
        ({"boot_file": "http://boot.example.org/a.efi"}, None),
    ],
    ids=[
        "none",
        "here",
        "another guest",
        "routed",
        "by default",
        "a name",
        "HTTP here",
        "HTTPS routed",
        "HTTP, a name",
    ],
)
def test_where_the_boot_file_is(changes: dict[str, object], expected: Boot | None) -> None:
    assert boot_of(host(links=(VIRBR0,), routes=ROUTES), ON, server(**changes)) == expected


def test_without_routes_the_device_is_not_known() -> None:
    found = boot_of(
        host(links=(VIRBR0,), routes=Missing("failed", "no ip")), ON, server(boot_file="x", boot_server="10.7.1.1")
    )
    assert found == Boot(where=BootFrom.ROUTED, address="10.7.1.1", device=None)


LOCAL, MAIN = rule("local"), rule("main")


@pytest.mark.parametrize(
    ("rules", "device"),
    [
        ((LOCAL, MAIN, rule("default")), "eno2"),
        ((LOCAL, rule("52"), MAIN), None),
        ((LOCAL, rule("52", mark=(1, 0xFF)), MAIN), None),
        ((LOCAL, rule("main", suppresses=0), rule("52", others=("not",), mark=(1, 1)), MAIN), "eno2"),
        ((LOCAL, rule("main", suppresses=16), rule("52", others=("not",), mark=(1, 1)), MAIN), None),
        ((LOCAL, rule("52", source="10.9.0.1"), MAIN), None),
        ((LOCAL, rule("", others=("dst", "action")), MAIN), None),
        ((LOCAL, rule("52", device="wg0", others=("not",)), MAIN), None),
        ((LOCAL, MAIN, rule("52")), "eno2"),
        ((LOCAL, rule("7"), MAIN), "eno2"),
        ((LOCAL, rule("52", device="wg0"), MAIN), "eno2"),
        ((LOCAL, rule("52", family="inet6"), MAIN), "eno2"),
        ((LOCAL, rule("", others=("l3mdev",)), MAIN), "eno2"),
        ((LOCAL, rule("main", mark=(1, 1)), MAIN), "eno2"),
    ],
    ids=[
        "as every host has them",
        "for all",
        "for a mark",
        "WireGuard's two, and main has more than a default",
        "main has no route that is long enough",
        "for a sender, and who sends is not known",
        "one that may refuse",
        "for all other devices",
        "behind main",
        "a table without a route there",
        "for another device",
        "of the other family",
        "a VRF's, and the bridge is in none",
        "main's own, for a mark",
    ],
)
def test_a_rule_of_policy_routing_may_lead_it_elsewhere(rules: tuple[RoutingRule, ...], device: str | None) -> None:
    this = host(links=(VIRBR0,), routes=ROUTES, routing_rules=rules)
    found = boot_of(this, ON, server(boot_file="x", boot_server="10.7.1.1"))
    assert found == Boot(where=BootFrom.ROUTED, address="10.7.1.1", device=device)


def test_a_dnsmasq_of_ones_own_with_tftp() -> None:
    served = Served(server="192.168.122.1", range="192.168.122.2-192.168.122.9", tftp=True, boot_file="pxelinux.0")
    found = boot_of(host(links=(VIRBR0,)), ON, Server(kind=ServerKind.UDP, why="w", served=served))
    assert found == Boot(where=BootFrom.HERE, address="192.168.122.1")
