"""The witness of frames: a packet socket on each device, with a filter in the kernel; nothing is made promiscuous.

1. ETH_P_ALL: a socket that is bound to one protocol sees nothing that comes in by a bridge's port, because the bridge
   takes the frame before the stack looks at its protocol (net/core/dev.c, __netif_receive_skb_core).
2. A device's own sight differs from its neighbour's: what comes in by a tap is seen while the port still listens, and
   what leaves by it is seen before the guest has taken it.
3. Kept are at most `_MOST` frames; what came beyond is counted as lost, like what the kernel had no room for.
"""

import ctypes
import os
import socket
import struct
from collections.abc import Sequence
from typing import Literal

from pxedoctor.model.traced import HeardFrame
from pxedoctor.trace.began import Began
from pxedoctor.trace.wish import AbsentError
from pxedoctor.wire.capture_filter import Instruction

_ETH_P_ALL = 0x0003
_SO_ATTACH_FILTER, _SO_TIMESTAMPNS, _SO_RCVBUFFORCE = 26, 35, 33
# linux/if_packet.h.
_SOL_PACKET, _PACKET_STATISTICS, _PACKET_AUXDATA = 263, 6, 8
_PACKET_OUTGOING = 4
_AUXDATA = struct.Struct("=IIIHHHH")
_VLAN_VALID = 1 << 4
_VLAN_ID = 0xFFF
_TIMESPEC = struct.Struct("=qq")
_ROOM = 1024 * 1024
_LARGEST = 2048
_ANCILLARY = socket.CMSG_SPACE(_AUXDATA.size) + socket.CMSG_SPACE(_TIMESPEC.size)
_MOST = 4000
# A turn of the loop: the other witnesses want to be read, too.
_MOST_AT_ONCE = 256


class Frames:
    """`kept` counts what was handed on. Raises AbsentError where the kernel does not let us listen."""

    def __init__(self, devices: Sequence[str], program: tuple[Instruction, ...], began: Began) -> None:
        self._began = began
        self._program = program
        self._sockets: dict[str, socket.socket] = {}
        self._lost = 0
        self.kept = 0
        try:
            for device in devices:
                self.listen(device)
        except OSError as error:
            self.close()
            raise AbsentError(f"no packet socket: {error.strerror}", "run it as root", os.geteuid() != 0) from error

    def listen(self, device: str) -> None:
        if device not in self._sockets:
            self._sockets[device] = _opened(device, self._program)

    @property
    def devices(self) -> tuple[str, ...]:
        return tuple(self._sockets)

    def handles(self) -> tuple[int, ...]:
        return tuple(link.fileno() for link in self._sockets.values())

    def drain(self) -> list[HeardFrame]:
        """What was seen until now. A device that has gone takes its socket with it."""
        heard: list[HeardFrame] = []
        for device, link in list(self._sockets.items()):
            try:
                heard += self._read(device, link)
            except BlockingIOError:
                continue
            except OSError:
                self._forget(device)
        room = max(0, _MOST - self.kept)
        self._lost += len(heard) - len(heard[:room])
        self.kept += len(heard[:room])
        return heard[:room]

    def lost(self) -> int:
        """How many frames that the filter let through the kernel, or this, had no room for."""
        for link in self._sockets.values():
            self._lost += _dropped(link)
        return self._lost

    def close(self) -> None:
        for link in self._sockets.values():
            link.close()
        self._sockets.clear()

    def _forget(self, device: str) -> None:
        self._sockets.pop(device).close()

    def _read(self, device: str, link: socket.socket) -> list[HeardFrame]:
        heard: list[HeardFrame] = []
        for _ in range(_MOST_AT_ONCE):
            try:
                content, ancillary, _, address = link.recvmsg(_LARGEST, _ANCILLARY)
            except BlockingIOError:
                break
            heard.append(self._frame(device, content, ancillary, address[2]))
        return heard

    def _frame(
        self, device: str, content: bytes, ancillary: list[tuple[int, int, bytes]], packet_type: int
    ) -> HeardFrame:
        at, length, vlan = self._began.now(), len(content), None
        for level, kind, data in ancillary:
            if level == _SOL_PACKET and kind == _PACKET_AUXDATA and len(data) >= _AUXDATA.size:
                status, length, _, _, _, tag, _ = _AUXDATA.unpack_from(data)
                vlan = tag & _VLAN_ID if status & _VLAN_VALID else None
            elif level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(data) >= _TIMESPEC.size:
                at = self._began.of_wall(*_TIMESPEC.unpack_from(data))
        direction: Literal["in", "out"] = "out" if packet_type == _PACKET_OUTGOING else "in"
        return HeardFrame(at=at, device=device, direction=direction, content=content, length=length, vlan=vlan)


def _opened(device: str, program: tuple[Instruction, ...]) -> socket.socket:
    """Bound only when the filter is in place, so that nothing else ever waits in it."""
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK, 0)
    try:
        _attach(link, program)
        link.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        link.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
        link.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE if os.geteuid() == 0 else socket.SO_RCVBUF, _ROOM)
        link.bind((device, _ETH_P_ALL))
    except OSError:
        link.close()
        raise
    return link


def _attach(link: socket.socket, program: tuple[Instruction, ...]) -> None:
    """struct sock_fprog: how many instructions, and where (linux/filter.h)."""
    code = b"".join(struct.pack("=HBBI", *step) for step in program)
    held = ctypes.create_string_buffer(code, len(code))
    described = struct.pack("@HP", len(program), ctypes.addressof(held))
    link.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, described)


def _dropped(link: socket.socket) -> int:
    """Since it was asked last (packet(7), PACKET_STATISTICS)."""
    try:
        _, drops = struct.unpack("=II", link.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
    except OSError:
        return 0
    return int(drops)
