"""Addresses under other names keep what a diagnosis needs: who is in which network, and in which order."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pxedoctor.report.anonymous.address import Addresses, network

NET = IPv4Network("10.20.16.0/20")
ADDRESSES = Addresses(b"key", [NET])
ipv4 = st.integers(1 << 24, (224 << 24) - 1).map(IPv4Address)


def common(one: int, two: int, bits: int) -> int:
    return bits - (one ^ two).bit_length()


@given(ipv4, ipv4)
def test_two_addresses_share_as_long_a_prefix_as_before(one: IPv4Address, two: IPv4Address) -> None:
    plain = Addresses(b"key")
    assert common(int(plain.ipv4(one)), int(plain.ipv4(two)), 32) == common(int(one), int(two), 32)


@given(st.integers(0, (1 << 128) - 1), st.integers(0, 64), st.integers(0, (1 << 64) - 1))
def test_so_do_two_of_ipv6_in_their_networks(value: int, length: int, other: int) -> None:
    one = IPv6Address(value)
    two = IPv6Address(value ^ (other >> max(length - 1, 0) << 64))
    told = [int(ADDRESSES.ipv6(address)) >> 64 for address in (one, two)]
    if one.is_global and two.is_global and not one.is_multicast and not two.is_multicast:
        assert common(told[0], told[1], 64) == common(int(one) >> 64, int(two) >> 64, 64)


@given(st.integers(0, 4095), st.integers(0, 4095))
def test_within_a_network_of_this_host_order_and_distance_stay(one: int, two: int) -> None:
    first, second = ADDRESSES.ipv4(NET[one]), ADDRESSES.ipv4(NET[two])
    assert int(second) - int(first) == two - one
    assert first not in NET


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.251", "169.254.1.1", "255.255.240.0"]
)
def test_what_everybody_has_stays(address: str) -> None:
    assert str(ADDRESSES.ipv4(IPv4Address(address))) == address


@pytest.mark.parametrize("address", ["::1", "::", "ff02::1", "fe80::1"])
def test_so_it_does_in_ipv6(address: str) -> None:
    assert str(ADDRESSES.ipv6(IPv6Address(address))) == address


@pytest.mark.parametrize(("address", "kind"), [("10.1.2.3", "is_private"), ("8.8.8.8", "is_global")])
def test_private_stays_private_and_public_public(address: str, kind: str) -> None:
    told = ADDRESSES.ipv4(IPv4Address(address))
    assert getattr(told, kind)
    assert str(told) != address


@given(ipv4)
@example(IPv4Address("169.0.0.0"))
def test_no_address_that_is_somebodys_keeps_its_name(address: IPv4Address) -> None:
    if address.is_private and int(address) >> 24 not in {10, 172, 192}:
        return
    assert Addresses(b"key").ipv4(address) != address


def test_a_tap_still_goes_with_its_guest() -> None:
    guest, tap = ADDRESSES.mac("52:54:00:0d:0d:01"), ADDRESSES.mac("fe:54:00:0d:0d:01")
    assert guest != "52:54:00:0d:0d:01"
    assert guest.startswith("52:54:00:")
    assert tap == "fe" + guest[2:]
    assert ADDRESSES.mac("525400" + "0d0d01") == guest.replace(":", "")


@pytest.mark.parametrize("mac", ["ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "01:80:c2:00:00:00", "33:33:00:00:00:01"])
def test_group_macs_stay(mac: str) -> None:
    assert ADDRESSES.mac(mac) == mac


def test_an_address_made_of_a_mac_is_made_of_its_pseudonym() -> None:
    mac = ADDRESSES.mac("52:54:00:0d:0d:01").replace(":", "")
    assert ADDRESSES.ipv6(IPv6Address("fe80::5054:ff:fe0d:d01")) == IPv6Address(f"fe80::5054:ff:fe{mac[6:8]}:{mac[8:]}")
    assert ADDRESSES.ipv6(IPv6Address("ff02::1:ff0d:d01")) == IPv6Address(f"ff02::1:ff{mac[6:8]}:{mac[8:]}")


def test_ipv4_within_ipv6_goes_by_ipv4() -> None:
    told = ADDRESSES.ipv6(IPv6Address("::ffff:10.1.2.3")).ipv4_mapped
    assert told == ADDRESSES.ipv4(IPv4Address("10.1.2.3"))


def test_a_uuid_keeps_its_form_and_not_its_digits() -> None:
    one = "c0ffee00-dead-4bad-8bad-000000000001"
    told = ADDRESSES.uuid(one)
    assert told != one
    assert [len(part) for part in told.split("-")] == [8, 4, 4, 4, 12]
    assert told == ADDRESSES.uuid(one.upper())


def test_what_is_no_network_is_none() -> None:
    assert network("10.0.0.1", 24) == IPv4Network("10.0.0.0/24")
    assert network("evil", 24) is None
    assert network("10.0.0.1", 99) is None


def test_the_neighbours_of_the_link_local_addresses_are_public_and_stay_so() -> None:
    public = [IPv4Address(f"169.{second}.7.7") for second in range(256) if second != 254]
    told = [Addresses(b"key").ipv4(address) for address in public]
    assert all(address.is_global for address in told)
    assert len(set(told)) == len(public)
    assert all(was != now for was, now in zip(public, told, strict=True))
