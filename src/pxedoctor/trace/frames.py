"""The witness of frames: a packet socket with a filter in the kernel; nothing is made promiscuous.

1. ETH_P_ALL: a socket that is bound to one protocol sees nothing that comes in by a bridge's port, because the bridge
   takes the frame before the stack looks at its protocol (net/core/dev.c, __netif_receive_skb_core).
2. One socket for all devices, because the tap of a guest that starts is there when its first frame is: what passed a
   device that is no part of the bridge is left out.
3. A device's own sight differs from its neighbour's: what comes in by a tap is seen while the port still listens, and
   what leaves by it is seen before the guest has taken it.
4. What leaves is copied for a socket before its filter runs (dev_queue_xmit_nit, ibid.), which costs others' packets
   more than all else that this witness does. Where the guest's port is known, what leaves is looked at there, on the
   bridge and on ports that are no taps alone: no packet's life has a place for a copy that leaves by another's tap.
5. Kept are at most `_MOST` frames; what came beyond is counted as lost, like what the kernel had no room for.
"""

import contextlib
import ctypes
import os
import select
import socket
import struct
from collections.abc import Collection
from typing import Literal

from pxedoctor.model.traced import HeardFrame
from pxedoctor.trace.began import Began
from pxedoctor.trace.port_states import is_port_of
from pxedoctor.trace.wish import AbsentError
from pxedoctor.wire.capture_filter import Instruction, only_leaving

_ETH_P_ALL = 0x0003
_SO_ATTACH_FILTER, _SO_TIMESTAMPNS, _SO_RCVBUFFORCE = 26, 35, 33
# linux/if_packet.h.
_SOL_PACKET, _PACKET_STATISTICS, _PACKET_AUXDATA, _PACKET_IGNORE_OUTGOING = 263, 6, 8, 23
_PACKET_OUTGOING = 4
_AUXDATA = struct.Struct("=IIIHHHH")
_VLAN_VALID = 1 << 4
_VLAN_ID = 0xFFF
_TIMESPEC = struct.Struct("=qq")
_ROOM = 4 * 1024 * 1024
_LARGEST = 2048
_ANCILLARY = socket.CMSG_SPACE(_AUXDATA.size) + socket.CMSG_SPACE(_TIMESPEC.size)
_MOST = 4000
# A turn of the loop: the other witnesses want to be read, too.
_MOST_AT_ONCE = 512


class Frames:
    """`kept` counts what was handed on. Raises AbsentError where the kernel does not let us listen."""

    def __init__(self, bridge: str, program: tuple[Instruction, ...], began: Began) -> None:
        self._bridge, self._program, self._began = bridge, program, began
        self._ours = {bridge}
        self._lost = 0
        self.kept = 0
        self._leaving: dict[str, socket.socket] = {}
        try:
            self._all = _opened(program)
        except OSError as error:
            raise AbsentError(f"no packet socket: {error.strerror}", "run it as root", os.geteuid() != 0) from error
        self._ready = select.epoll()
        self._ready.register(self._all, select.EPOLLIN)

    def fileno(self) -> int:
        return self._ready.fileno()

    def look_at_leaving(self, devices: Collection[str]) -> None:
        """On these devices alone from now on, or, with none, on all. Where the kernel cannot do that, on all."""
        wanted = set(devices)
        if wanted == set(self._leaving):
            return
        try:
            for device in wanted - set(self._leaving):
                self._add(device)
            _ignore_outgoing(self._all, bool(wanted))
        except OSError:
            # Before Linux 4.20 there is no such thing; or a device has just gone.
            wanted = set()
            with contextlib.suppress(OSError):
                _ignore_outgoing(self._all, False)
        for device in set(self._leaving) - wanted:
            self._remove(device)

    def drain(self) -> list[HeardFrame]:
        """What was seen until now on the bridge and its ports."""
        heard = self._read(self._all)
        # Two sockets are shown one copy, with its time: what left while it was decided where to look.
        both = {(frame.device, frame.at) for frame in heard if frame.direction == "out"}
        for link in self._leaving.values():
            heard += [frame for frame in self._read(link) if (frame.device, frame.at) not in both]
        room = max(0, _MOST - self.kept)
        self._lost += len(heard) - len(heard[:room])
        self.kept += len(heard[:room])
        return heard[:room]

    def lost(self) -> int:
        """How many frames that the filter let through the kernel, or this, had no room for."""
        self._lost += sum(_dropped(link) for link in (self._all, *self._leaving.values()))
        return self._lost

    def close(self) -> None:
        for device in tuple(self._leaving):
            self._remove(device)
        self._ready.close()
        self._all.close()

    def _add(self, device: str) -> None:
        link = _opened(only_leaving(self._program), device)
        self._leaving[device] = link
        self._ready.register(link, select.EPOLLIN)

    def _remove(self, device: str) -> None:
        link = self._leaving.pop(device)
        self._lost += _dropped(link)
        link.close()

    def _read(self, link: socket.socket) -> list[HeardFrame]:
        heard: list[HeardFrame] = []
        for _ in range(_MOST_AT_ONCE):
            try:
                content, ancillary, _, address = link.recvmsg(_LARGEST, _ANCILLARY)
            except BlockingIOError:
                break
            except OSError:
                # ENETDOWN: a device went; the socket goes on with the others (net/packet/af_packet.c).
                continue
            if not address[0]:
                # Its device went before it could be read.
                self._lost += 1
            elif self._is_ours(address[0]):
                heard.append(self._frame(address[0], content, ancillary, address[2]))
        return heard

    def _is_ours(self, device: str) -> bool:
        if device not in self._ours and is_port_of(self._bridge, device):
            self._ours.add(device)
        return device in self._ours

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


def _opened(program: tuple[Instruction, ...], device: str = "") -> socket.socket:
    """Of one device, or of all."""
    kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
    link = socket.socket(socket.AF_PACKET, kind, 0 if device else socket.htons(_ETH_P_ALL))
    try:
        _attach(link, program)
        link.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        link.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
        link.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE if os.geteuid() == 0 else socket.SO_RCVBUF, _ROOM)
        if device:
            link.bind((device, _ETH_P_ALL))
        else:
            _forget_what_came_before(link)
    except OSError:
        link.close()
        raise
    return link


def _ignore_outgoing(link: socket.socket, ignore: bool) -> None:
    link.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, int(ignore))


def _attach(link: socket.socket, program: tuple[Instruction, ...]) -> None:
    """struct sock_fprog: how many instructions, and where (linux/filter.h)."""
    code = b"".join(struct.pack("=HBBI", *step) for step in program)
    held = ctypes.create_string_buffer(code, len(code))
    described = struct.pack("@HP", len(program), ctypes.addressof(held))
    link.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, described)


def _forget_what_came_before(link: socket.socket) -> None:
    """Between the socket and its filter everything came in; it holds no more than its first room had place for."""
    try:
        while True:
            link.recv(1)
    except BlockingIOError:
        _dropped(link)


def _dropped(link: socket.socket) -> int:
    """Since it was asked last (packet(7), PACKET_STATISTICS)."""
    try:
        _, drops = struct.unpack("=II", link.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
    except OSError:
        return 0
    return int(drops)
