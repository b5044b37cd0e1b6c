"""Listens to rtnetlink: links, bridge ports and their state, addresses, routes, traffic control."""

import socket

from pxedoctor.access.heard import Heard
from pxedoctor.watch.link_message import GROUPS, LinkChange, parse

_RECEIVE_BYTES = 4 * 1024 * 1024


class LinkEvents:
    """Raises OSError where the kernel does not let us listen. `lost`: how often the kernel had no room for more."""

    def __init__(self) -> None:
        self.lost = 0
        self._heard = Heard(socket.NETLINK_ROUTE, room=_RECEIVE_BYTES, groups=GROUPS)

    def fileno(self) -> int:
        return self._heard.fileno()

    def close(self) -> None:
        self._heard.close()

    def drain(self) -> tuple[LinkChange, ...]:
        """What changed, each change once."""
        seen: dict[LinkChange, None] = {}
        for datagram in self._heard.datagrams(self._lose):
            seen.update(dict.fromkeys(parse(datagram)))
        return tuple(seen)

    def _lose(self) -> None:
        self.lost += 1
