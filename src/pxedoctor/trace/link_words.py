"""What the kernel says of devices while a trace runs: it wakes the loop, and it outlives the device.

A guest that asks once and ends takes its tap along within milliseconds. Its frames have the tap's number alone then,
and nobody but these words tells the name, and of which bridge it was a port. Sources: rtnetlink(7), if_link.h.
"""

import struct
from typing import NamedTuple

from pxedoctor.access.heard import Heard
from pxedoctor.access.netlink_link import RTM_NEWLINK, link_of
from pxedoctor.access.netlink_message import messages

# linux/netlink.h, rtnetlink.h.
_NETLINK_ROUTE, _RTMGRP_LINK = 0, 1
_ROOM = 256 * 1024


class LinkWord(NamedTuple):
    """A device was `name` under this number, and a port of the one with the number `master`, 0: of none."""

    number: int
    name: str
    master: int


def parse(datagram: bytes) -> tuple[LinkWord, ...]:
    """What breaks off, or names no device, says nothing."""
    bodies = (body for kind, body in messages(datagram) if kind == RTM_NEWLINK)
    return tuple(word for body in bodies if (word := _word(body)) is not None)


def _word(body: bytes) -> LinkWord | None:
    try:
        link = link_of(body)
    except struct.error:
        return None
    return LinkWord(link.number, link.name, link.master) if link.name and link.master is not None else None


class LinkWords:
    """Raises OSError where the kernel does not let us listen."""

    def __init__(self) -> None:
        self._heard = Heard(_NETLINK_ROUTE, room=_ROOM, groups=_RTMGRP_LINK)

    def fileno(self) -> int:
        return self._heard.fileno()

    def read(self) -> tuple[LinkWord, ...] | None:
        """What was said since it was read last; None: nothing. (): of who went alone, or too much to keep."""
        lost: list[bool] = []
        datagrams = list(self._heard.datagrams(lambda: lost.append(True)))
        return tuple(word for said in datagrams for word in parse(said)) if datagrams or lost else None

    def close(self) -> None:
        self._heard.close()
