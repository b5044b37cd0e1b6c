"""Addresses as numbers, and what is none."""

import pytest

from pxedoctor.netfilter.address import address_range, mac_number, overlap, within


def test_an_address_is_a_range_of_one() -> None:
    assert address_range("192.0.2.1") == (0xC0000201, 0xC0000201)
    assert address_range("192.0.2.1-192.0.2.9") == (0xC0000201, 0xC0000209)


@pytest.mark.parametrize("text", ["", "192.0.2", "192.0.2.9-192.0.2.1", "192.0.2.1-::1"])
def test_what_is_no_range_of_addresses(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|192"):
        address_range(text)


def test_ranges_that_touch_overlap_and_one_is_within_itself() -> None:
    assert overlap((1, 4), (4, 9))
    assert overlap((4, 9), (1, 4))
    assert not overlap((1, 3), (4, 9))
    assert within((4, 5), (4, 9))
    assert within((4, 9), (4, 9))
    assert not within((4, 9), (4, 5))


def test_a_mac() -> None:
    assert mac_number("52:54:00:0d:0d:01") == 0x5254000D0D01
    with pytest.raises(ValueError, match="not a MAC address: 52:54"):
        mac_number("52:54")
