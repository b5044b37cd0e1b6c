"""Whose a drop is: the kernel's word names a buffer and a processor, and neither guest, device nor network namespace.

1. What devices tell is of this host alone (trace/kernel.py filters by their names); drops are the whole machine's.
2. A buffer that a device told of in this moment is the same packet. What that packet's processor gives up next may be
   a copy of it, which nobody told of, and may be anybody's: that is told as not certain.
3. What a queue or a driver gives up a device has told of just before (net/core/dev.c, __dev_queue_xmit: net_dev_queue
   comes before the queue). A buffer that none told of is another network namespace's, however near in time. tc's
   filters on the way out stand before it.
"""

import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.traced import HeardEvent
from pxedoctor.road.kernel_place import place_of

_BUFFER_SECONDS = 0.05
_CPU_SECONDS = 0.001
_SENT = frozenset({Hop.EGRESS, Hop.DELIVERY})
_OF_A_RECEIVER = frozenset({Hop.PREROUTING, Hop.BRIDGE_INPUT, Hop.ROUTE, Hop.INPUT, Hop.SERVER})
# What the host sends through its own bridge has to be admitted, too (net/bridge/br_device.c, br_dev_xmit).
_OF_A_BRIDGE = frozenset({Hop.INGRESS, Hop.PORT, Hop.ADMISSION})
# From the bridge's queue to that of its port, in one go.
_ON_SECONDS = 0.005


class Origin(msgspec.Struct, frozen=True):
    """The last that a device told of before the drop. `same`: of its own buffer, and not of its processor alone.

    `first`: where the same buffer was sent first, of what goes out by several devices; a packet socket sees it there,
    and not at the device whose queue gives it up.
    """

    event: HeardEvent
    same: bool
    first: HeardEvent


class Origins:
    """Events go in by their times."""

    def __init__(self) -> None:
        self._buffers: dict[str, HeardEvent] = {}
        self._processors: dict[int, HeardEvent] = {}
        self._first: dict[str, HeardEvent] = {}

    def saw(self, event: HeardEvent) -> None:
        before = self._buffers.get(event.buffer)
        if before is None or not _goes_on(before, event):
            self._first[event.buffer] = event
        self._buffers[event.buffer] = self._processors[event.cpu] = event

    def knows(self, drop: HeardEvent, bridge: str) -> bool:
        """Whether a device told of its buffer in this moment, and it can be the same packet.

        What the bridge handed to this host is given up there, and the next packet may be made at the same address.
        """
        same = self._buffers.get(drop.buffer)
        if same is None or drop.at - same.at >= _BUFFER_SECONDS:
            return False
        return (same.event, same.device) != ("receive", bridge)

    def of(self, drop: HeardEvent) -> Origin | None:
        """None where it is nobody's of this host; what that processor gives up next is another's packet."""
        same = self._buffers.pop(drop.buffer, None)
        before = self._processors.pop(drop.cpu, None)
        if same is not None and drop.at - same.at < _BUFFER_SECONDS:
            return Origin(same, same=True, first=self._first[drop.buffer])
        if was_queued(drop) or before is None or drop.at - before.at >= _CPU_SECONDS:
            return None
        return Origin(before, same=False, first=before)


def _goes_on(before: HeardEvent, event: HeardEvent) -> bool:
    """Whether it is the same packet, sent on by the next device: the next one may be made at the same address."""
    sent = "receive" not in {before.event, event.event}
    return sent and before.length == event.length and 0 <= event.at - before.at < _ON_SECONDS


def was_queued(drop: HeardEvent) -> bool:
    """Whether it was given up behind the place where a device that sends tells of it."""
    return place_of(drop.location, drop.reason).hop in _SENT and not by_tc(drop)


def by_tc(drop: HeardEvent) -> bool:
    """On the way out: the kernel's reason says so in all versions that have reasons."""
    return drop.reason == "TC_EGRESS"


def had_left(last: HeardEvent, hop: Hop | None, bridge: str) -> bool:
    """Whether it was sent before it was given up by who takes in: by a namespace of this kernel behind that device, or
    by a bridge in it. `last`: what a device told of it last."""
    behind = _OF_A_RECEIVER if last.device == bridge else _OF_A_RECEIVER | _OF_A_BRIDGE
    return last.event != "receive" and hop in behind
