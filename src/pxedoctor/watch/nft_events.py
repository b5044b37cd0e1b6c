"""Listens to nf_tables: each transaction, and the process that made it."""

import errno
import socket

from msgspec.structs import replace

from pxedoctor.watch.nft_message import GROUP, Change, Generation, parse

_NETLINK_NETFILTER = 12
_SOL_NETLINK, _ADD_MEMBERSHIP = 270, 1
_SO_RCVBUFFORCE = 33
_RECEIVE_BYTES = 16 * 1024 * 1024
_DATAGRAM = 256 * 1024


class RuleEvents:
    """Raises OSError where the kernel does not let us listen. `lost`: how often the kernel had no room for more."""

    def __init__(self) -> None:
        self.lost = 0
        self._changes = 0
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_NETFILTER)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BYTES)
            self._socket.setblocking(False)
            self._socket.bind((0, 0))
            self._socket.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, GROUP)
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def drain(self) -> tuple[Generation, ...]:
        """The transactions that are done, in their order."""
        done: list[Generation] = []
        while True:
            try:
                datagram = self._socket.recv(_DATAGRAM)
            except BlockingIOError:
                return tuple(done)
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self.lost += 1
                continue
            for message in parse(datagram):
                match message:
                    case Generation():
                        done.append(replace(message, changes=self._changes))
                        self._changes = 0
                    case Change():
                        self._changes += 1
