"""What rtnetlink says of links, addresses, routes and their rules, queueing disciplines, forwarding entries, and if
a device routes.

Sources: rtnetlink(7), include/uapi/linux/rtnetlink.h, if_link.h, neighbour.h. A message that is about nothing a guest's
packet can meet (a wireless event, a neighbour of the host itself) is none.
"""

import struct
from collections.abc import Iterator

import msgspec

from pxedoctor.access.netlink_attribute import attributes
from pxedoctor.access.netlink_link import RTM_DELLINK, RTM_NEWLINK, link_of
from pxedoctor.access.netlink_message import messages

# RTMGRP_LINK, RTMGRP_NEIGH, RTMGRP_TC, RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE, RTMGRP_IPV4_RULE, RTMGRP_IPV6_IFADDR,
# RTMGRP_IPV6_ROUTE; RTNLGRP_IPV6_RULE 19, RTNLGRP_IPV4_NETCONF 24 and RTNLGRP_IPV6_NETCONF 25, each a bit below its
# number.
GROUPS = 0x1 | 0x4 | 0x8 | 0x10 | 0x40 | 0x80 | 0x100 | 0x400 | 1 << 18 | 1 << 23 | 1 << 24
_AF_BRIDGE = 7
# struct ifaddrmsg and struct tcmsg: both have the device's number at 4.
_DEVICE = struct.Struct("=4xi")
_NDMSG = struct.Struct("=BxxxiHBB")
_NDA_LLADDR = 2
_LINKS = (RTM_NEWLINK, RTM_DELLINK)
# RTM_NEWADDR 20, DELADDR 21, NEWROUTE 24, DELROUTE 25, NEWNEIGH 28, DELNEIGH 29,
# NEWRULE 32, DELRULE 33, NEWQDISC 36 to DELTFILTER 45. NEWNETCONF 80: a device's forwarding, rp_filter or proxy_arp
# (net/ipv4/devinet.c); one of all devices together sends as many as there are.
_ADDRESSES, _ROUTES, _NEIGHBOURS, _CONTROL = (20, 21), (24, 25, 32, 33), (28, 29), range(36, 46)
_SETTINGS = 80


class LinkChange(msgspec.Struct, frozen=True):
    """`source`: links, sysctls or traffic-control. `device` is "" where the message names none; then `index` may."""

    source: str
    what: str
    device: str = ""
    index: int = 0


class Learned(msgspec.Struct, frozen=True):
    """A bridge has `mac` behind the port with number `index` now; `gone`: no longer."""

    mac: str
    index: int
    gone: bool


def parse(datagram: bytes) -> tuple[LinkChange | Learned, ...]:
    return tuple(_changes(datagram))


def _changes(datagram: bytes) -> Iterator[LinkChange | Learned]:
    for kind, body in messages(datagram):
        try:
            change = _change(kind, body)
        except struct.error:
            continue
        if change is not None:
            yield change


def _change(kind: int, body: bytes) -> LinkChange | Learned | None:
    """struct.error where the message breaks off."""
    if kind in _LINKS:
        link = link_of(body)
        what = "gone" if kind == RTM_DELLINK else "changed"
        return LinkChange("links", f"{'port' if link.family == _AF_BRIDGE else 'link'} {what}", link.name)
    if kind in _ADDRESSES:
        return LinkChange("links", "an address changed", index=_DEVICE.unpack_from(body)[0])
    if kind in _ROUTES:
        return LinkChange("links", "a route, or a rule of policy routing, changed")
    if kind in _NEIGHBOURS:
        return _learned(kind, body)
    if kind in _CONTROL:
        return LinkChange("traffic-control", "traffic control changed", index=_DEVICE.unpack_from(body)[0])
    if kind == _SETTINGS:
        return LinkChange("sysctls", "whether this host routes or filters by the way back was set")
    return None


def _learned(kind: int, body: bytes) -> Learned | None:
    family, index, *_ = _NDMSG.unpack_from(body)
    mac = attributes(body, _NDMSG.size).get(_NDA_LLADDR, b"")
    if family != _AF_BRIDGE or len(mac) != 6:
        return None
    return Learned(mac.hex(":"), index, gone=kind == 29)
