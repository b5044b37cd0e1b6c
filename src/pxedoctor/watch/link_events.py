"""Listens to rtnetlink: links, bridge ports and their state, addresses, routes, traffic control."""

import errno
import os
import socket

from pxedoctor.watch.link_message import GROUPS, LinkChange, parse

_SO_RCVBUFFORCE = 33
_RECEIVE_BYTES = 4 * 1024 * 1024
_DATAGRAM = 256 * 1024


class LinkEvents:
    """Raises OSError where the kernel does not let us listen. `lost`: how often the kernel had no room for more."""

    def __init__(self) -> None:
        self.lost = 0
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE)
        try:
            if os.geteuid() == 0:
                self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BYTES)
            self._socket.setblocking(False)
            self._socket.bind((0, GROUPS))
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def drain(self) -> tuple[LinkChange, ...]:
        """What changed, each change once."""
        seen: dict[LinkChange, None] = {}
        while True:
            try:
                seen.update(dict.fromkeys(parse(self._socket.recv(_DATAGRAM))))
            except BlockingIOError:
                return tuple(seen)
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self.lost += 1
