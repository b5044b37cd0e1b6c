"""Listens to rtnetlink: links, bridge ports and their state, addresses, routes, traffic control, MACs that move."""

import socket
from collections import OrderedDict

from msgspec.structs import replace

from pxedoctor.access.heard import Heard
from pxedoctor.watch.link_message import GROUPS, Learned, LinkChange, parse

_RECEIVE_BYTES = 4 * 1024 * 1024
# The kernel keeps no more behind one port unless told so (net/bridge/br_fdb.c has no bound of its own).
_MOST_MACS = 4096


class LinkEvents:
    """Raises OSError where the kernel does not let us listen. `lost`: how often the kernel had no room for more."""

    def __init__(self) -> None:
        self.lost = 0
        self._heard = Heard(socket.NETLINK_ROUTE, room=_RECEIVE_BYTES, groups=GROUPS)
        self._behind: OrderedDict[str, int] = OrderedDict()

    def fileno(self) -> int:
        return self._heard.fileno()

    def close(self) -> None:
        self._heard.close()

    def drain(self) -> tuple[LinkChange, ...]:
        """What changed, each change once."""
        seen: dict[LinkChange, None] = {}
        for datagram in self._heard.datagrams(self._lose):
            for change in parse(datagram):
                told = self._moved(change) if isinstance(change, Learned) else change
                if told is not None:
                    seen[told] = None
        return tuple(_named(change) for change in seen)

    def _moved(self, learned: Learned) -> LinkChange | None:
        """A bridge learns and forgets all day; only a MAC that is suddenly behind another port is told."""
        before = self._behind.pop(learned.mac, 0)
        if learned.gone:
            if before and before != learned.index:
                # It has moved on already: that is said of the old port.
                self._behind[learned.mac] = before
            return None
        self._behind[learned.mac] = learned.index
        while len(self._behind) > _MOST_MACS:
            self._behind.popitem(last=False)
        if before in {0, learned.index}:
            return None
        return LinkChange("forwarding", f"{learned.mac} is behind another port now", index=learned.index)

    def _lose(self) -> None:
        self.lost += 1


def _named(change: LinkChange) -> LinkChange:
    """With the device's name, if the kernel still has it."""
    if not change.index:
        return change
    try:
        return replace(change, device=socket.if_indextoname(change.index))
    except OSError:
        return change
