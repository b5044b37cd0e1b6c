"""A netlink socket that only listens: opened whole or not at all, never blocking, drained of all that was said."""

import errno
import os
import socket
from collections.abc import Callable, Iterator

# linux/socket.h, linux/netlink.h.
_SO_RCVBUFFORCE = 33
_SOL_NETLINK, _ADD_MEMBERSHIP = 270, 1
_DATAGRAM = 256 * 1024


class Heard:
    """Raises OSError where the kernel does not let us listen.

    `groups`: the bits of bind(2); `member`: the number of one group more, 0 for none. `room`: bytes that the kernel
    keeps while nobody reads, which only root may choose.
    """

    def __init__(self, family: int, *, room: int, groups: int = 0, member: int = 0) -> None:
        self._room = memoryview(bytearray(_DATAGRAM))
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, family)
        try:
            if os.geteuid() == 0:
                self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, room)
            self._socket.setblocking(False)
            self._socket.bind((0, groups))
            if member:
                self._socket.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, member)
        except OSError:
            self._socket.close()
            raise

    @property
    def port(self) -> int:
        """The socket's own netlink address."""
        number: int = self._socket.getsockname()[0]
        return number

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def send(self, request: bytes) -> None:
        self._socket.send(request)

    def datagrams(self, lost: Callable[[], None]) -> Iterator[bytes]:
        """All that was said until now; `lost` is called where the kernel had no room for more (ENOBUFS)."""
        while True:
            try:
                # Into one room for all: recv(2) of its own would take so much anew for each of a storm's datagrams.
                length = self._socket.recv_into(self._room)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                lost()
                continue
            yield bytes(self._room[:length])
