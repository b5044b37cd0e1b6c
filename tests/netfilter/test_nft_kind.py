"""Values as nft writes them, by datatype."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.netfilter import nft_kind as kinds
from pxedoctor.netfilter.nft_kind import Kind


@pytest.mark.parametrize(
    ("kind", "word", "part"),
    [
        (kinds.PORT, "67", (67, 67)),
        (kinds.PORT, "67-69", (67, 69)),
        (kinds.PORT, "0x43", (67, 67)),
        (kinds.MARK, "0x00000010-0x0000001f", (16, 31)),
        (kinds.PROTOCOL, "ipv6-icmp", (58, 58)),
        (kinds.PROTOCOL, "ipv6-route", (43, 43)),
        (kinds.ICMP_TYPE, "router-solicitation-20", (10, 20)),
        (kinds.ICMP_TYPE, "router-solicitation-time-exceeded", (10, 11)),
        (kinds.ETHERTYPE, "8021q", (0x8100, 0x8100)),
        (kinds.ADDRESS4, "10.0.0.0/8", (0x0A000000, 0x0AFFFFFF)),
        (kinds.ADDRESS4, "0.0.0.0/0", (0, 0xFFFFFFFF)),
        (kinds.ADDRESS4, "10.0.0.1-10.0.0.9", (0x0A000001, 0x0A000009)),
        (kinds.ADDRESS6, "::1", (1, 1)),
        (kinds.MAC, "52:54:00:00:00:01", (0x525400000001, 0x525400000001)),
        (kinds.NAME, '"virbr*"', ("virbr", True)),
        (kinds.NAME, '"a\\*"', ("a*", False)),
        (kinds.NAME, '"*"', ("", True)),
        (kinds.DEVICE, '"lo"', ("lo", False)),
        (kinds.DEVICE, '"odd*"', ("odd*", False)),
    ],
)
def test_values(kind: Kind, word: str, part: object) -> None:
    assert kind.part(word) == part


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (kinds.PORT, "65536"),
        (kinds.PORT, "69-67"),
        (kinds.PORT, "-1"),
        (kinds.PORT, "bootps"),
        (kinds.PORT, ""),
        (kinds.PORT, "9" * 5000),
        (kinds.ADDRESS4, "10.0.0.256"),
        (kinds.ADDRESS4, "10.0.0"),
        (kinds.ADDRESS4, "10.0.0.0/33"),
        (kinds.ADDRESS4, "10.0.0.0/-1"),
        (kinds.ADDRESS4, "10.0.0.9-10.0.0.1"),
        (kinds.ADDRESS6, "fe80::1%eth0"),
        (kinds.ADDRESS6, "10.0.0.1"),
        (kinds.MAC, "52:54:00"),
        (kinds.NAME, "virbr0"),
        (kinds.NAME, '""/8'),
        (kinds.NAME, '"a"-"b"'),
    ],
)
def test_what_is_no_value_is_an_error(kind: Kind, word: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        kind.part(word)


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_addresses_and_prefixes_are_what_the_standard_library_says(address: ipaddress.IPv4Address, length: int) -> None:
    network = ipaddress.ip_network(f"{address}/{length}", strict=False)
    assert kinds.ADDRESS4.part(str(address)) == (int(address), int(address))
    assert kinds.ADDRESS4.part(f"{address}/{length}") == (int(network[0]), int(network[-1]))


@given(st.ip_addresses(v=6), st.integers(0, 128))
def test_ipv6_too(address: ipaddress.IPv6Address, length: int) -> None:
    network = ipaddress.ip_network(f"{address}/{length}", strict=False)
    assert kinds.ADDRESS6.part(f"{address}/{length}") == (int(network[0]), int(network[-1]))


@given(st.sampled_from([kinds.PORT, kinds.ICMP_TYPE, kinds.ADDRESS4, kinds.ADDRESS6, kinds.MAC, kinds.NAME]), st.text())
def test_any_word_is_a_value_or_a_value_error(kind: Kind, word: str) -> None:
    try:
        first, last = kind.part(word)
    except ValueError:
        return
    assert isinstance(first, str) or 0 <= first <= int(last) <= kind.top
