"""What rtnetlink says of links, addresses and queueing disciplines: only that something of a device changed.

Sources: rtnetlink(7), include/uapi/linux/rtnetlink.h, if_link.h. A message that is about nothing a guest's packet can
meet (a wireless event, a neighbour) is none.
"""

import struct
from collections.abc import Iterator

import msgspec

from pxedoctor.access.netlink_attribute import attributes
from pxedoctor.access.netlink_message import messages

# RTMGRP_LINK, RTMGRP_TC, RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE, RTMGRP_IPV6_IFADDR, RTMGRP_IPV6_ROUTE.
GROUPS = 0x1 | 0x8 | 0x10 | 0x40 | 0x100 | 0x400
_IFINFOMSG = struct.Struct("=BxHiII")
_IFLA_IFNAME = 3
_AF_BRIDGE = 7
# RTM_NEWLINK 16, DELLINK 17, NEWADDR 20, DELADDR 21, NEWROUTE 24, DELROUTE 25, NEWQDISC 36 to DELTFILTER 45.
_ADDRESSES, _ROUTES, _CONTROL = (20, 21), (24, 25), range(36, 46)


class LinkChange(msgspec.Struct, frozen=True):
    """`source`: links or traffic-control. `device` is "" where the message does not name it."""

    source: str
    what: str
    device: str = ""


def parse(datagram: bytes) -> tuple[LinkChange, ...]:
    return tuple(_changes(datagram))


def _changes(datagram: bytes) -> Iterator[LinkChange]:
    for kind, body in messages(datagram):
        change = _change(kind, body)
        if change is not None:
            yield change


def _change(kind: int, body: bytes) -> LinkChange | None:
    if kind in (16, 17) and len(body) >= _IFINFOMSG.size:
        family = body[0]
        try:
            name = attributes(body, _IFINFOMSG.size).get(_IFLA_IFNAME, b"")
        except struct.error:
            return None
        device = name.partition(b"\0")[0].decode(errors="backslashreplace")
        what = "gone" if kind == 17 else "changed"
        return LinkChange("links", f"{'port' if family == _AF_BRIDGE else 'link'} {what}", device)
    if kind in _ADDRESSES:
        return LinkChange("links", "an address changed")
    if kind in _ROUTES:
        return LinkChange("links", "a route changed")
    return LinkChange("traffic-control", "traffic control changed") if kind in _CONTROL else None
