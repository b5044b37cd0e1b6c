"""What witnesses saw of a guest's packets, as a ladder: each packet an arrow as far as it was seen to come.

A packet that a witness saw die ends there with a cross; one that was expected further on and not seen ends at the last
place it was seen at, and is a doubt. The port's states stand as a band behind them.
"""

from collections.abc import Iterator

from pxedoctor.findings.outcome import Hop
from pxedoctor.report.drawing.ladder import Arrow, Band, Ladder, Note
from pxedoctor.report.drawing.mark import Mark
from pxedoctor.report.trace import place_words
from pxedoctor.road.hop import Fate
from pxedoctor.road.life import Packet, Sighting
from pxedoctor.verdict.trace import Trace

GUEST, PORT, BRIDGE, STACK, SERVER = 0, 1, 2, 3, 4
_LANES = {
    Hop.NIC: GUEST,
    Hop.DELIVERY: GUEST,
    Hop.CLIENT: GUEST,
    Hop.TAP: PORT,
    Hop.INGRESS: PORT,
    Hop.PORT: PORT,
    Hop.ADMISSION: PORT,
    Hop.EXIT: PORT,
    Hop.EGRESS: PORT,
    Hop.PREROUTING: STACK,
    Hop.ROUTE: STACK,
    Hop.INPUT: STACK,
    Hop.FORWARD: STACK,
    Hop.OUTPUT: STACK,
    Hop.POSTROUTING: STACK,
    Hop.SERVER: SERVER,
    Hop.UPLINK: SERVER,
}


def trace_ladder(trace: Trace) -> Ladder:
    arrows = tuple(sorted((_arrow(packet) for packet in trace.packets), key=lambda arrow: arrow.at))
    ends = max((*(arrow.at for arrow in arrows), *(entry.at for entry in trace.states), 0.0)) + 0.001
    return Ladder(
        title=f"{trace.target}, watched on {trace.bridge} for {trace.seconds:.0f} s",
        lanes=("guest", trace.tap or "its port", trace.bridge, "this host", _beyond(trace)),
        arrows=arrows,
        notes=tuple(_states(trace)),
        bands=tuple(_bands(trace, ends)),
    )


def _beyond(trace: Trace) -> str:
    """The uplink's name where a packet was seen at it; else whoever serves here."""
    seen = (entry for packet in trace.packets for entry in packet.sightings if entry.hop is Hop.UPLINK)
    return next((entry.device for entry in seen if entry.device), "server")


def _arrow(packet: Packet) -> Arrow:
    away = packet.direction == "from-guest"
    died = packet.died
    seen = [_lane(entry) for entry in packet.sightings if entry.fate is Fate.PASS]
    # What was seen first tells where it came from; a guest's packet was the guest's before anybody saw it.
    start = GUEST if away else max([*seen, STACK])
    reached = (max(seen, default=GUEST) if away else min(seen, default=start)) if seen else start
    end = _end(packet, reached, start)
    return Arrow(at=packet.at, start=start, end=end, label=_label(packet), mark=_mark(died), why=_why(died))


def _end(packet: Packet, reached: int, start: int) -> int:
    died = packet.died
    if died is None:
        # Out of the guest's own port there is only the guest.
        return GUEST if packet.direction == "to-guest" and reached <= PORT else reached
    if died.fate is Fate.DROP:
        return _lane(died) if _lane(died) != start else reached
    return reached


def _lane(seen: Sighting) -> int:
    return _LANES.get(seen.hop, BRIDGE)


def _label(packet: Packet) -> str:
    return f"{packet.kind} {packet.number}"


def _mark(died: Sighting | None) -> Mark:
    if died is None:
        return Mark.GOOD
    return Mark.BAD if died.fate is Fate.DROP else Mark.DOUBT


def _why(died: Sighting | None) -> str:
    if died is None:
        return ""
    reason = f" ({died.reason})" if died.reason else ""
    return f"{place_words(died.hop)}: {died.words}{reason}, says {died.witness.value}"


def _states(trace: Trace) -> Iterator[Note]:
    """Of the guest's own port, or, where nobody knows which that is, of the one that changed."""
    for entry in trace.states:
        if trace.tap is None or entry.device == trace.tap:
            mark = Mark.GOOD if entry.state == "forwarding" else Mark.DOUBT
            yield Note(at=entry.at, lane=PORT, words=f"{entry.device} is {entry.state}", mark=mark)


def _bands(trace: Trace, ends: float) -> Iterator[Band]:
    devices = dict.fromkeys(entry.device for entry in trace.states)
    own = trace.tap if trace.tap in devices else next(iter(devices), None) if trace.tap is None else None
    states = [entry for entry in trace.states if entry.device == own]
    untils = [*(later.at for later in states[1:]), ends][: len(states)]
    for entry, until in zip(states, untils, strict=True):
        if entry.at < until:
            yield Band(lane=PORT, at=max(entry.at, 0.0), until=until, state=entry.state)
