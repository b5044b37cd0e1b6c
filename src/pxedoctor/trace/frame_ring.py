"""A packet socket that puts its frames into memory which we share with the kernel (PACKET_RX_RING, TPACKET_V2).

1. The time of a frame is taken when it has passed the filter (tpacket_rcv, net/packet/af_packet.c). SO_TIMESTAMPNS
   would take one of each packet of the machine (net_enable_timestamp, net/core/dev.c), which others' packets pay for.
2. A place of the ring is the kernel's until its status says that it is ours, and ours until we give it back.
3. What the ring has no room for the kernel counts.
"""

import ctypes
import mmap
import socket
import struct
from collections.abc import Iterator
from typing import NamedTuple

from pxedoctor.wire.capture_filter import Instruction

_ETH_P_ALL = 0x0003
_SO_ATTACH_FILTER = 26
# linux/if_packet.h.
_SOL_PACKET, _PACKET_RX_RING, _PACKET_STATISTICS, _PACKET_VERSION, _PACKET_IGNORE_OUTGOING = 263, 5, 6, 10, 23
_TPACKET_V2 = 1
_OURS, _VLAN_VALID = 1 << 0, 1 << 4
_VLAN_ID = 0xFFF
# struct tpacket2_hdr: status, len, snaplen, mac, net, sec, nsec, vlan_tci, vlan_tpid; behind it struct sockaddr_ll.
_HEADER = struct.Struct("=IIIHHIIHH4x")
_ADDRESS = struct.Struct("=HHiHBB")
_STATUS = struct.Struct("=I")
_BLOCK = 64 * 1024
# An Ethernet frame, and what the kernel writes before it.
_PLACE = 2048


class Ringed(NamedTuple):
    """`device`: its index. `kind`: linux/if_packet.h, PACKET_*. `seconds`, `nanoseconds`: of the wall's clock."""

    device: int
    kind: int
    content: bytes
    length: int
    vlan: int | None
    seconds: int
    nanoseconds: int


class FrameRing:
    """Of one device, or of all. `room`: bytes. Raises OSError where the kernel does not let us listen."""

    def __init__(self, program: tuple[Instruction, ...], room: int, device: str = "") -> None:
        kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        # What came before its filter is forgotten when it gets its ring (packet_set_ring, net/packet/af_packet.c).
        self._link = socket.socket(socket.AF_PACKET, kind, 0 if device else socket.htons(_ETH_P_ALL))
        try:
            self.attach(program)
            self._link.setsockopt(_SOL_PACKET, _PACKET_VERSION, _TPACKET_V2)
            blocks = max(1, room // _BLOCK)
            wish = struct.pack("=IIII", _BLOCK, blocks, _PLACE, blocks * _BLOCK // _PLACE)
            self._link.setsockopt(_SOL_PACKET, _PACKET_RX_RING, wish)
            self._ring = mmap.mmap(self._link.fileno(), blocks * _BLOCK)
            self._next = 0
            if device:
                self._link.bind((device, _ETH_P_ALL))
        except OSError:
            self._link.close()
            raise

    def fileno(self) -> int:
        return self._link.fileno()

    def attach(self, program: tuple[Instruction, ...]) -> None:
        """In the place of the filter before. struct sock_fprog: how many instructions, and where (linux/filter.h)."""
        code = b"".join(struct.pack("=HBBI", *step) for step in program)
        held = ctypes.create_string_buffer(code, len(code))
        described = struct.pack("@HP", len(program), ctypes.addressof(held))
        self._link.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, described)

    def frames(self, most: int) -> Iterator[Ringed]:
        """What has come until now, `most` at most."""
        # ENETDOWN where a device went: it stays, and wakes whoever polls, until somebody asks for it.
        self._link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        for _ in range(most):
            at = self._next
            status, length, kept, mac, _, seconds, nanoseconds, tag, _ = _HEADER.unpack_from(self._ring, at)
            if not status & _OURS:
                return
            _, _, device, _, kind, _ = _ADDRESS.unpack_from(self._ring, at + _HEADER.size)
            content = self._ring[at + mac : at + mac + kept]
            _STATUS.pack_into(self._ring, at, 0)
            self._next = (at + _PLACE) % len(self._ring)
            vlan = tag & _VLAN_ID if status & _VLAN_VALID else None
            yield Ringed(device, kind, content, length, vlan, seconds, nanoseconds)

    def ignore_outgoing(self, ignore: bool) -> None:
        """OSError before Linux 4.20."""
        self._link.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, int(ignore))

    def dropped(self) -> int:
        """Since it was asked last (packet(7), PACKET_STATISTICS)."""
        try:
            _, drops = struct.unpack("=II", self._link.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
        except OSError:
            return 0
        return int(drops)

    def close(self) -> None:
        self._ring.close()
        self._link.close()
