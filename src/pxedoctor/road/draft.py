"""A packet's life while it is put together from what several witnesses saw."""

from collections.abc import Iterable

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.traced import HeardEvent, HeardFrame, WitnessName
from pxedoctor.road.hop import Fate
from pxedoctor.road.life import Direction, Packet, PacketKind, Sighting
from pxedoctor.road.packet_read import Named
from pxedoctor.wire.checksum import Verdict

# A copy of a packet passes all devices of a host in less; whoever asks again waits longer (iPXE 0.25 s at least).
_LIFE_SECONDS = 0.2
# Two clocks are compared: a packet socket's (CLOCK_REALTIME) and tracefs' (CLOCK_MONOTONIC).
_CLOCKS_SECONDS = 0.003
# A reader of netlink on a busy host; of several packets with one xid the last before it is meant.
_LATE_SECONDS = 10.0
_HEADER, _TAG = 14, 4
# IEEE 802.1Q and 802.1ad.
_TAGS = (b"\x81\x00", b"\x88\xa8")
_ORDER = tuple(Hop)


class Draft:
    """`seen`: device, direction, time and length of each frame of it. `checksums`: what receivers find, by device."""

    def __init__(self, kind: PacketKind, direction: Direction, mac: str, at: float) -> None:
        self.kind = kind
        self.direction = direction
        self.mac = mac
        self.at = at
        self.xid = ""
        self.source = ""
        self.destination = ""
        self.length = 0
        self.vlan: int | None = None
        self.same: tuple[str, ...] = ()
        self.seen: list[HeardFrame] = []
        self.checksums: dict[str, Verdict] = {}
        self.sightings: list[Sighting] = []

    def takes(self, found: Named, heard: HeardFrame) -> bool:
        """Whether this frame is another sight of the same packet, and no retransmission of it."""
        if found.same != self.same or not 0 <= heard.at - self.at < _LIFE_SECONDS:
            return False
        return all((seen.device, seen.direction) != (heard.device, heard.direction) for seen in self.seen)

    def name(self, found: Named) -> None:
        self.same, self.xid = found.same, found.xid
        self.source, self.destination = found.source, found.destination

    def add(self, found: Named, heard: HeardFrame, hop: Hop | None) -> None:
        self.seen.append(heard)
        self.length = self.length or heard.length
        self.vlan = self.vlan if self.vlan is not None else heard.vlan
        if found.checksum is not None:
            self.checksums[heard.device] = found.checksum
        if hop is not None:
            self.saw(hop, heard.device, heard.at, WitnessName.FRAMES)

    def saw(self, hop: Hop, device: str, at: float, witness: WitnessName) -> None:
        self.sightings.append(Sighting(hop=hop, device=device, at=at, witness=witness))

    def lives_at(self, at: float) -> bool:
        return -_CLOCKS_SECONDS <= at - self.at < _LIFE_SECONDS

    def lives_late(self, at: float) -> bool:
        """As `lives_at`, at the time of a witness that is told late: by whoever reads nf_tables' words."""
        return -_CLOCKS_SECONDS <= at - self.at < _LATE_SECONDS

    def is_frame(self, event: HeardEvent, protocol: int | None = None) -> bool:
        """Whether it is what the kernel tells of a device at that moment, on its way in or out.

        `protocol`: of the packet, as a drop has it; None where nobody told.
        """
        length, at = length_of(event.length or 0, event.event), event.at
        way = "in" if event.event == "receive" else "out"
        return any(
            (seen.device, seen.direction) == (event.device, way)
            and abs(seen.at - at) < _CLOCKS_SECONDS
            and abs(seen.length - length) in (0, _TAG)
            and protocol in {None, _protocol(seen.content)}
            for seen in self.seen
        )

    def told_about(self, at: float) -> bool:
        """Whether a rule told of what happened then: at once, or late, as the reader of netlink was slow."""
        return -_LIFE_SECONDS < self.at - at < _LATE_SECONDS

    def packet(self, number: int) -> Packet:
        return Packet(
            kind=self.kind,
            direction=self.direction,
            mac=self.mac,
            at=self.at,
            xid=self.xid,
            number=number,
            source=self.source,
            destination=self.destination,
            length=self.length,
            vlan=self.vlan,
            checksum=str(self.checksums.get(self.seen[-1].device, "")) if self.seen else "",
            sightings=tuple(sorted(self.sightings, key=_in_order)),
        )


def _in_order(seen: Sighting) -> tuple[bool, bool, float, int]:
    """Ends last, and of them those behind that may be another packet's."""
    ended = seen.fate is not Fate.PASS
    return (ended, ended and seen.or_near, seen.at, _ORDER.index(seen.hop))


def _protocol(content: bytes) -> int:
    """Ethernet's type, behind the tags of VLANs that are still in the frame."""
    at = 12
    while content[at : at + 2] in _TAGS:
        at += _TAG
    return int.from_bytes(content[at : at + 2])


def length_of(event_length: int, event: str) -> int:
    """With the link layer header, which `netif_receive_skb` does not count."""
    return event_length + (_HEADER if event == "receive" else 0)


def seen_at(drafts: Iterable[Draft], event: HeardEvent, protocol: int | None) -> Draft | None:
    """The packet whose frame it is that the kernel tells of there."""
    exact = [draft for draft in drafts if draft.is_frame(event, protocol)]
    return exact[-1] if exact else None
