"""Addresses as numbers, and ranges of them."""

from functools import lru_cache
from ipaddress import ip_address

Range = tuple[int, int]


@lru_cache(maxsize=4096)
def address_range(text: str) -> Range:
    """ "192.0.2.1" or "192.0.2.10-192.0.2.99" as numbers. ValueError for anything else."""
    low, dash, high = text.partition("-")
    first = ip_address(low)
    last = ip_address(high) if dash else first
    if first.version != last.version or int(first) > int(last):
        raise ValueError(f"not a range of addresses: {text}")
    return int(first), int(last)


def overlap(one: Range, other: Range) -> bool:
    """Whether some number is in both."""
    return one[0] <= other[1] and other[0] <= one[1]


def within(inner: Range, outer: Range) -> bool:
    """Whether every number of `inner` is in `outer`."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]


@lru_cache(maxsize=4096)
def mac_number(text: str) -> int:
    """ "52:54:00:0d:0d:01" as a number. ValueError for anything else."""
    parts = text.split(":")
    if len(parts) != 6 or any(not 1 <= len(part) <= 2 for part in parts):
        raise ValueError(f"not a MAC address: {text}")
    return int.from_bytes(bytes(int(part, 16) for part in parts), "big")
