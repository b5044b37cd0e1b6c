"""Addresses, masks, ports, MACs and protocols of saved rules as numbers; what is none is a ValueError."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.netfilter import saved_values as values

_TOP4, _TOP6 = (1 << 32) - 1, (1 << 128) - 1


def _4(text: str) -> int:
    return int(IPv4Address(text))


def test_networks() -> None:
    assert values.network("10.1.2.3", "ip") == ((_4("10.1.2.3"), _4("10.1.2.3")), None)
    assert values.network("10.0.0.0/8", "ip") == ((_4("10.0.0.0"), _4("10.255.255.255")), None)
    assert values.network("10.0.0.0/255.0.0.0", "ip") == values.network("10.0.0.0/8", "ip")
    assert values.network("0.0.0.0/0", "ip") == ((0, _TOP4), None)
    assert values.network("0.0.0.0/0.0.0.0", "ip") == ((0, _TOP4), None)


def test_a_mask_with_holes_is_no_range() -> None:
    masked = _4("10.0.3.0")
    assert values.network("10.0.3.0/255.0.255.0", "ip") == ((masked, masked), _4("255.0.255.0"))


def test_ipv6_networks() -> None:
    low = int(IPv6Address("fe80::"))
    assert values.network("fe80::/10", "ip6") == ((low, low + (1 << 118) - 1), None)
    holes = int(IPv6Address("ffff::ffff"))
    assert values.network("fe80::1/ffff::ffff", "ip6") == ((low + 1, low + 1), holes)
    assert values.network("::/0", "ip6") == ((0, _TOP6), None)


@given(st.ip_addresses(v=6), st.integers(0, 128))
def test_any_ipv6_network_is_what_the_library_says(address: IPv6Address, length: int) -> None:
    network = IPv6Network((address, length), strict=False)
    bounds = (int(network.network_address), int(network.broadcast_address))
    assert values.network(f"{address}/{length}", "ip6") == (bounds, None)


@given(st.ip_addresses(v=4))
def test_any_ipv4_address(address: IPv4Address) -> None:
    assert values.address(str(address), "ip") == int(address)


def test_numbers_ports_and_marks() -> None:
    assert values.whole("0x1F", 255) == 31
    assert values.ports("53,67:68,:9,1024:") == ((53, 53), (67, 68), (0, 9), (1024, 65535))
    assert values.with_mask("0x10/0xff") == (16, 255)
    assert values.with_mask("7") == (7, 0xFFFFFFFF)
    assert values.mac("52:54:0:d:d:1") == 0x5254000D0D01


def test_protocols() -> None:
    assert [values.protocol(name) for name in ("udp", "TCP", "ipv6-icmp", "dccp", "254", "all")] == [
        17,
        6,
        58,
        33,
        254,
        0,
    ]


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (lambda text: values.network(text, "ip"), "10.0.0.256"),
        (lambda text: values.network(text, "ip"), "10.0.0.1/33"),
        (lambda text: values.network(text, "ip"), "10.0.0"),
        (lambda text: values.network(text, "ip"), "1.2.3.٣"),
        (lambda text: values.network(text, "ip"), "1..2.3"),
        (lambda text: values.network(text, "ip"), "example.org"),
        (lambda text: values.network(text, "ip"), "10.0.0.0/"),
        (lambda text: values.network(text, "ip6"), "fe80::1%eth0"),
        (lambda text: values.network(text, "ip6"), "10.0.0.1"),
        (values.ports, "70:60"),
        (values.ports, "65536"),
        (values.ports, "bootps"),
        (values.ports, ""),
        (values.with_mask, "0x1_0"),
        (values.with_mask, "010"),
        (values.with_mask, "-1"),
        (values.with_mask, "1/"),
        (values.mac, "52:54:00:0d:0d"),
        (values.mac, "52:54:00:0d:0d:0g"),
        (values.mac, "52:54:00:0d:0d:001"),
        (values.protocol, "256"),
        (values.protocol, "foo"),
    ],
)
def test_what_is_no_value(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(text)
