"""Which of the kernel's events on devices are wanted, as a filter of tracefs: narrower where others' traffic is heavy.

The events know a device and a length, and no MAC (include/trace/events/net.h): so a busy host's are chosen by length.
What is given up (kfree_skb) knows neither, and is chosen by the protocol alone.
"""

from collections.abc import Collection, Sequence
from enum import IntEnum

# A DHCP message has 240 bytes before its options (RFC 2131 section 2), and hardly ever more than 312 of them; behind
# the headers of UDP and IP, with the link's or without.
_SHORTEST, _LONGEST = 268, 622
# Ethernet's header, which `netif_receive_skb` does not count.
_HEADER = 14
# As the event has them: IPv4, IPv6, ARP, 802.2 (linux/if_ether.h).
_PROTOCOLS = (0x0800, 0x86DD, 0x0806, 0x0004)
NOTHING = "len < 0"


class Width(IntEnum):
    """How much is let through of devices other than the guest's own, of which all is."""

    ALL = 0
    AS_LONG_AS_DHCP = 1
    AS_LONG_AS_SEEN = 2


def device_filter(devices: Sequence[str], own: str | None, width: Width, lengths: Collection[int]) -> str:
    """`own`: the guest's port. `lengths`: of the guest's frames, with Ethernet's header.

    A name that a filter cannot hold is left out. The kernel takes a page: sixty devices and thirty lengths fill half.
    It goes from left to right and stops as soon as it knows: lengths are compared faster than names.
    """
    names = [name for name in devices if not set(name) & set('"\\')]
    everywhere = " || ".join(f'name == "{name}"' for name in names)
    if not names or width is Width.ALL:
        return everywhere or NOTHING
    wanted = [f"(len >= {_SHORTEST} && len <= {_LONGEST})"] if width is Width.AS_LONG_AS_DHCP else []
    counted = sorted({count for length in lengths for count in (length, length - _HEADER)})
    wanted += [f"len == {count}" for count in counted]
    chosen = f"({' || '.join(wanted)}) && ({everywhere})" if wanted else NOTHING
    return f'name == "{own}" || ({chosen})' if own in names else chosen


def drop_filter() -> str:
    return " || ".join(f"protocol == {number}" for number in _PROTOCOLS)
