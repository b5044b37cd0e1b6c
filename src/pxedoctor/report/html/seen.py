"""Where a traced packet was seen to end, as the page's first words."""

import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.report.drawing.mark import Mark
from pxedoctor.report.html.view import Stop
from pxedoctor.report.trace import death_words
from pxedoctor.road.hop import Fate
from pxedoctor.verdict.trace import Trace


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Where a traced packet was seen to end, and the places that it was seen at before."""

    headline: str
    strip_title: str
    strip: tuple[Stop, ...]


def seen_death(trace: Trace) -> Seen | None:
    """None where nothing died."""
    died = trace.died
    if died is None:
        return None
    packet = died.packet
    before = [] if packet is None else [seen for seen in packet.sightings if seen.fate is Fate.PASS]
    words = dict.fromkeys(_seen_word(seen.device, seen.hop) for seen in before)
    mark = Mark.BAD if died.certain else Mark.DOUBT
    stops = [Stop(word=word, mark=Mark.GOOD, said="seen here", behind=False) for word in words]
    said = "dies here" if died.certain else "not seen any more from here on"
    stops.append(Stop(word=_seen_word(died.device, died.hop), mark=mark, said=said, behind=False))
    return Seen(headline=death_words(died), strip_title=f"where the {died.kind} was seen", strip=tuple(stops))


def _seen_word(device: str, hop: Hop) -> str:
    return (
        device
        if hop in {Hop.TAP, Hop.BRIDGE, Hop.UPLINK} and device
        else f"{hop.value} of {device}".removesuffix(" of ")
    )
