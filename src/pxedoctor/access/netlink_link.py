"""What a message of rtnetlink's says of a device (rtnetlink(7), include/uapi/linux/rtnetlink.h, if_link.h)."""

import struct
from typing import NamedTuple

from pxedoctor.access.netlink_attribute import attributes

RTM_NEWLINK, RTM_DELLINK = 16, 17
_IFINFOMSG = struct.Struct("=BxHiII")
_NUMBER = struct.Struct("=I")
_IFLA_IFNAME, _IFLA_MASTER = 3, 10


class Link(NamedTuple):
    """`family`: AF_BRIDGE where it is about a bridge's port. `name`: "" where none is told.

    `master`: the number of what it is a port of, 0: of none; None: what is told is no number.
    """

    family: int
    number: int
    name: str
    master: int | None


def link_of(body: bytes) -> Link:
    """Of RTM_NEWLINK and RTM_DELLINK. struct.error where the message breaks off."""
    family, _, number, _, _ = _IFINFOMSG.unpack_from(body)
    told = attributes(body, _IFINFOMSG.size)
    name = told.get(_IFLA_IFNAME, b"").partition(b"\0")[0].decode(errors="backslashreplace")
    master = told.get(_IFLA_MASTER, bytes(_NUMBER.size))
    return Link(family, number, name, _NUMBER.unpack(master)[0] if len(master) == _NUMBER.size else None)
