"""The witness of frames: packet sockets with a filter in the kernel; nothing is made promiscuous.

1. ETH_P_ALL: a socket that is bound to one protocol sees nothing that comes in by a bridge's port, because the bridge
   takes the frame before the stack looks at its protocol (net/core/dev.c, __netif_receive_skb_core).
2. One socket for all devices, because the tap of a guest that starts is there when its first frame is: what passed a
   device that is no part of the bridge is left out.
3. A device's own sight differs from its neighbour's: what comes in by a tap is seen while the port still listens, and
   what leaves by it is seen before the guest has taken it.
4. What leaves is copied for a socket before its filter runs (dev_queue_xmit_nit, ibid.), which costs others' packets
   more than all else that this witness does. Where the guest's port is known, what leaves is looked at there, on the
   bridge and on ports that are no taps alone: no packet's life has a place for a copy that leaves by another's tap.
5. While the guest is silent, what comes in is looked at on the same devices alone, and no other guest pays for it.
6. Kept are at most `_MOST` frames; what came beyond is counted as lost, like what the kernel had no room for.
"""

import contextlib
import select
import socket
from collections.abc import Collection, Iterable, Iterator
from typing import Literal

from pxedoctor.model.traced import HeardFrame
from pxedoctor.trace.began import Began
from pxedoctor.trace.denied import would_help
from pxedoctor.trace.frame_ring import FrameRing, Ringed
from pxedoctor.trace.link_words import LinkWord
from pxedoctor.trace.port_states import is_port_of
from pxedoctor.trace.wish import AbsentError
from pxedoctor.wire.capture_filter import Instruction, only_leaving

# linux/if_packet.h.
_PACKET_OUTGOING = 4
_ROOM, _ROOM_OF_ONE = 4 * 1024 * 1024, 1024 * 1024
_MOST = 4000
# A turn of the loop: the other witnesses want to be read, too.
_MOST_AT_ONCE = 512
# Two rings are shown one frame in the same moment, and note it one after the other.
_SAME_SECONDS = 0.001


class Frames:
    """`kept` counts what was handed on. Raises AbsentError where the kernel does not let us listen.

    `missed`: how often the guest was heard while nobody looked at what comes in by others' ports. `own`: the guest's
    port, where it is known; it is looked at though it were plugged into no bridge, or into another.
    """

    def __init__(self, bridge: str, program: tuple[Instruction, ...], began: Began, own: str | None = None) -> None:
        self._bridge, self._program, self._began = bridge, program, began
        self._number = _number_of(bridge)
        self._names: dict[int, str] = {}
        self._ours = {bridge} if own is None else {bridge, own}
        self._lost = 0
        self.kept = 0
        self.missed = 0
        self._leaving: dict[str, FrameRing] = {}
        # None while it rests.
        self._all: FrameRing | None = None
        self._ready = select.epoll()
        try:
            self._open_all()
        except OSError as error:
            self._ready.close()
            forbidden = isinstance(error, PermissionError)
            raise AbsentError(f"no packet socket: {error.strerror}", would_help(), forbidden) from error

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
            if self._all is not None:
                self._all.ignore_outgoing(bool(wanted))
        except OSError:
            # Before Linux 4.20 there is no such thing; or a device has just gone.
            wanted = set()
        if not wanted:
            self.wake()
            with contextlib.suppress(OSError):
                if self._all is not None:
                    self._all.ignore_outgoing(False)
        for device in set(self._leaving) - wanted:
            self._remove(device)

    def filter_by(self, program: tuple[Instruction, ...]) -> None:
        """In the place of the program before."""
        self._program = program
        whole = self._all is None
        if self._all is not None:
            self._all.attach(program)
        for ring in self._leaving.values():
            ring.attach(program if whole else only_leaving(program))

    def rest(self) -> None:
        """Where the guest's port is not known, it may be any, and all is looked at all the time."""
        if self._leaving and self._all is not None:
            for ring in self._leaving.values():
                ring.attach(self._program)
            self._close_all()

    def wake(self) -> None:
        if self._all is None:
            # Where there is no memory for it, the guest's port and the bridge are looked at all the same.
            with contextlib.suppress(OSError):
                self._open_all()
                self.missed += 1
                for ring in self._leaving.values():
                    ring.attach(only_leaving(self._program))

    def meet(self, words: Iterable[LinkWord]) -> None:
        """Before their frames are read: who has gone by then is known by these words alone."""
        for word in words:
            if self._names.setdefault(word.number, word.name) == word.name and word.master == self._number:
                self._ours.add(word.name)

    def drain(self) -> list[HeardFrame]:
        """What was seen until now on the bridge and its ports, in the order of its times."""
        heard: list[HeardFrame] = []
        for ring in self._rings():
            heard += [frame for frame in tuple(self._read(ring)) if not _is_among(heard, frame)]
        # Where others have packets stamped as they come in (SO_TIMESTAMPNS), port and bridge tell of one the same time.
        heard.sort(key=lambda frame: (frame.at, frame.device == self._bridge))
        room = max(0, _MOST - self.kept)
        self._lost += len(heard) - len(heard[:room])
        self.kept += len(heard[:room])
        return heard[:room]

    def lost(self) -> int:
        """How many frames that the filter let through the kernel, or this, had no room for."""
        self._lost += sum(ring.dropped() for ring in self._rings())
        return self._lost

    def close(self) -> None:
        for device in tuple(self._leaving):
            self._remove(device)
        self._close_all()
        self._ready.close()

    def _rings(self) -> tuple[FrameRing, ...]:
        first = () if self._all is None else (self._all,)
        return (*first, *self._leaving.values())

    def _open_all(self) -> None:
        self._all = ring = FrameRing(self._program, _ROOM)
        self._ready.register(ring, select.EPOLLIN)
        if self._leaving:
            ring.ignore_outgoing(True)

    def _close_all(self) -> None:
        ring, self._all = self._all, None
        if ring is not None:
            self._lost += ring.dropped()
            ring.close()

    def _add(self, device: str) -> None:
        program = self._program if self._all is None else only_leaving(self._program)
        ring = FrameRing(program, _ROOM_OF_ONE, device)
        self._leaving[device] = ring
        self._ready.register(ring, select.EPOLLIN)

    def _remove(self, device: str) -> None:
        ring = self._leaving.pop(device)
        self._lost += ring.dropped()
        ring.close()

    def _read(self, ring: FrameRing) -> Iterator[HeardFrame]:
        for found in ring.frames(_MOST_AT_ONCE):
            device = self._name_of(found.device)
            if not device:
                # Its device went before it could be read.
                self._lost += 1
            elif self._is_ours(device):
                yield self._frame(device, found)

    def _name_of(self, index: int) -> str:
        """As it was when it was met first: a guest's tap goes with it."""
        if index not in self._names:
            try:
                self._names[index] = socket.if_indextoname(index)
            except OSError:
                return ""
        return self._names[index]

    def _is_ours(self, device: str) -> bool:
        if device not in self._ours and is_port_of(self._bridge, device):
            self._ours.add(device)
        return device in self._ours

    def _frame(self, device: str, found: Ringed) -> HeardFrame:
        direction: Literal["in", "out"] = "out" if found.kind == _PACKET_OUTGOING else "in"
        return HeardFrame(
            at=self._began.of_wall(found.seconds, found.nanoseconds),
            device=device,
            direction=direction,
            content=found.content,
            length=found.length,
            vlan=found.vlan,
        )


def _number_of(device: str) -> int:
    """-1 where it went."""
    try:
        return socket.if_nametoindex(device)
    except OSError:
        return -1


def _is_among(heard: list[HeardFrame], frame: HeardFrame) -> bool:
    """Whether another ring has shown it: that of all devices and its device's own do, while it changes who looks."""
    return any(
        (other.device, other.direction, other.content) == (frame.device, frame.direction, frame.content)
        and abs(other.at - frame.at) < _SAME_SECONDS
        for other in heard
    )
