"""What a probe sent and heard, as a ladder.

Only what was seen is drawn as certain. A question that left the port and brought no answer ends at the bridge, or,
where the facts say which later place drops it, there; its words then say that this is a prediction.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from pxedoctor.dialogue.profile import Profile, Profile6
from pxedoctor.dialogue.profiles.registry import PROFILES, PROFILES6
from pxedoctor.findings.outcome import Hop
from pxedoctor.model.observation import Probed, ProbeOutcome, ProbeStage, SeenFetch, SeenOffer, SeenSent
from pxedoctor.report.drawing.ladder import Arrow, Band, Ladder, Note
from pxedoctor.report.drawing.mark import Mark
from pxedoctor.road.hop import Fate, Road

CLIENT, PORT, BRIDGE, STACK, SERVER = 0, 1, 2, 3, 4
_STACK_HOPS = frozenset({Hop.PREROUTING, Hop.ROUTE, Hop.INPUT, Hop.FORWARD})
_MOST_SERVERS = 4


def probe_ladder(probed: Probed, roads: tuple[Road, ...] = ()) -> Ladder:
    """`roads`: those of its target, which say where a question that nobody answered may have been lost."""
    servers = _servers(probed)
    lanes = (f"probe as {probed.profile}", "its port", probed.bridge, "this host", *(servers or ("DHCP server",)))
    lane_of = {server: SERVER + at for at, server in enumerate(servers)}
    arrows = (
        *_questions(probed, roads, lane_of),
        *_answers(probed, lane_of),
        *_lease(probed, lane_of),
        *_boot_servers(probed, lane_of),
        *(arrow for fetch in probed.fetches for arrow in _fetch(fetch, lane_of)),
        *_arps(probed),
    )
    # The bands end behind the last row.
    times = (*(arrow.at for arrow in arrows), *(entry.at for entry in probed.states), _gives_up(probed) or 0.0)
    ends = max(times) + 0.001
    return Ladder(
        title=f"{probed.target}, asked for as {probed.profile} on {probed.bridge}",
        lanes=lanes,
        arrows=tuple(sorted(arrows, key=lambda arrow: arrow.at)),
        notes=(*_states(probed), *_end(probed, ends)),
        bands=_bands(probed, ends),
    )


def _servers(probed: Probed) -> tuple[str, ...]:
    """By the addresses that they call themselves by, in the order in which they spoke."""
    names = [offer.server or offer.source for offer in probed.offers]
    names += [nak.server for nak in probed.naks]
    names += [asked.server for asked in probed.boot_servers]
    names += [_host_of(fetch) for fetch in probed.fetches]
    return tuple(dict.fromkeys(name for name in names if name))[:_MOST_SERVERS]


def _host_of(fetch: SeenFetch) -> str:
    try:
        return urlsplit(fetch.url).hostname or ""
    except ValueError:
        return ""


def _questions(probed: Probed, roads: tuple[Road, ...], lane_of: dict[str, int]) -> Iterator[Arrow]:
    for sent in probed.sent:
        late = ", after the client had given up" if sent.afterwards else ""
        if sent.port_state != "forwarding":
            why = f"lost, for the port is {sent.port_state}{late}"
            yield Arrow(at=sent.at, start=CLIENT, end=PORT, label=sent.what, mark=Mark.BAD, why=why)
            continue
        answer = _answer_to(sent, probed)
        if answer is not None:
            end = lane_of.get(answer.server or answer.source, SERVER)
            yield Arrow(at=sent.at, start=CLIENT, end=end, label=sent.what, mark=Mark.GOOD, why=late.strip(", "))
        elif sent.what.startswith("REQUEST") and _acked(probed):
            yield Arrow(at=sent.at, start=CLIENT, end=SERVER, label=sent.what, mark=Mark.GOOD)
        else:
            yield _unanswered(sent, roads)


def _answer_to(sent: SeenSent, probed: Probed) -> SeenOffer | None:
    """The first offer after it; a later question may have been what it answers, which no client can tell either."""
    if not sent.what.startswith(("DISCOVER", "SOLICIT")):
        return None
    return next((offer for offer in probed.offers if offer.at >= sent.at), None)


def _acked(probed: Probed) -> bool:
    return any(line.stage is ProbeStage.ACK and line.ok for line in probed.stages)


def _unanswered(sent: SeenSent, roads: tuple[Road, ...]) -> Arrow:
    name = sent.what.split()[0] if sent.what else ""
    road = next((road for road in roads if road.packet.value == name), None)
    hop = road.decisive if road is not None else None
    if hop is not None and hop.predicted is Fate.DROP and hop.hop not in {Hop.NIC, Hop.TAP, Hop.PORT}:
        end = STACK if hop.hop in _STACK_HOPS else SERVER if hop.hop is Hop.SERVER else BRIDGE
        why = f"no answer; the facts say that it dies at {hop.hop.value}: {hop.why}"
        return Arrow(at=sent.at, start=CLIENT, end=end, label=sent.what, mark=Mark.BAD, why=why)
    why = "it entered the bridge, and nobody answered; what became of it was not seen"
    return Arrow(at=sent.at, start=CLIENT, end=BRIDGE, label=sent.what, mark=Mark.DOUBT, why=why)


def _answers(probed: Probed, lane_of: dict[str, int]) -> Iterator[Arrow]:
    for offer in probed.offers:
        start = lane_of.get(offer.server or offer.source, SERVER)
        label = f"{'proxy ' if offer.proxy else ''}offer {offer.address}".strip()
        bad = bool(offer.refused) or offer.checksum == "bad"
        why = f"dropped by this client: {offer.refused}" if offer.refused else _sum(offer)
        mark = Mark.BAD if bad else Mark.GOOD
        yield Arrow(at=offer.at, start=start, end=CLIENT, label=label, mark=mark, why=why)
    for nak in probed.naks:
        start = lane_of.get(nak.server, SERVER)
        yield Arrow(at=nak.at, start=start, end=CLIENT, label="NAK", mark=Mark.BAD, why=nak.why)


def _sum(offer: SeenOffer) -> str:
    return {"bad": "its UDP sum is wrong", "partial": "its UDP sum is left open"}.get(offer.checksum, "")


def _lease(probed: Probed, lane_of: dict[str, int]) -> Iterator[Arrow]:
    taken = next((offer.server for offer in probed.offers if not offer.refused and not offer.proxy), "")
    for line in probed.stages:
        if line.stage is ProbeStage.ACK and line.ok is not None:
            mark = Mark.GOOD if line.ok else Mark.BAD
            start = lane_of.get(taken, SERVER)
            yield Arrow(at=line.at, start=start, end=CLIENT, label="ACK", mark=mark, why=line.detail)


def _boot_servers(probed: Probed, lane_of: dict[str, int]) -> Iterator[Arrow]:
    for asked in probed.boot_servers:
        lane = lane_of.get(asked.server, SERVER)
        mark, why = (Mark.GOOD, f"it names {asked.file}") if asked.answered else (Mark.BAD, "no answer")
        yield Arrow(at=asked.at, start=CLIENT, end=lane, label=f"port {asked.port} asked", mark=mark, why=why)


def _fetch(fetch: SeenFetch, lane_of: dict[str, int]) -> Iterator[Arrow]:
    lane = lane_of.get(_host_of(fetch), SERVER)
    heard = bool(fetch.received or fetch.status is not None or fetch.outcome in {"fetched", "refused"})
    asked = Mark.GOOD if heard else Mark.DOUBT
    why = "" if heard else f"no answer for {fetch.seconds:.1f} s"
    yield Arrow(at=fetch.at, start=CLIENT, end=lane if heard else BRIDGE, label=fetch.url, mark=asked, why=why)
    if heard:
        good = fetch.outcome == "fetched"
        label = f"{fetch.received} bytes" if fetch.received else fetch.outcome
        mark = Mark.GOOD if good else Mark.BAD
        at = fetch.at + fetch.seconds
        yield Arrow(at=at, start=lane, end=CLIENT, label=label, mark=mark, why="" if good else fetch.why)


def _arps(probed: Probed) -> Iterator[Arrow]:
    for arp in probed.arps:
        conflict = arp.asked == "offered" and bool(arp.mac)
        silent = arp.asked != "offered" and not arp.mac
        why = f"{arp.mac} answers" if arp.mac else "nobody answers"
        if conflict:
            why += ": the address is taken"
        mark = Mark.BAD if conflict else Mark.DOUBT if silent else Mark.GOOD
        yield Arrow(at=arp.at, start=CLIENT, end=BRIDGE, label=f"ARP: who has {arp.address}", mark=mark, why=why)


def _states(probed: Probed) -> Iterator[Note]:
    for entry in probed.states:
        mark = Mark.GOOD if entry.state == "forwarding" else Mark.DOUBT
        yield Note(at=entry.at, lane=PORT, words=f"the port is {entry.state}", mark=mark)


def _end(probed: Probed, ends: float) -> Iterator[Note]:
    if probed.outcome is ProbeOutcome.SILENT:
        words = "the client gives up" if probed.whole else "cut short before the client gives up"
        at = _gives_up(probed) if probed.whole else None
        yield Note(
            at=ends if at is None else at, lane=CLIENT, words=words, mark=Mark.BAD if probed.whole else Mark.DOUBT
        )


def _gives_up(probed: Probed) -> float | None:
    """When the client that it acted would have given up; None for one that never does, or that nobody knows."""
    known: tuple[Profile | Profile6, ...] = (*PROFILES, *PROFILES6)
    profile = next((entry for entry in known if entry.name == probed.profile), None)
    if profile is None or not probed.sent:
        return None
    schedule = profile.discover if isinstance(profile, Profile) else profile.solicit
    return None if schedule.gives_up is None else probed.sent[0].at + schedule.gives_up


def _bands(probed: Probed, ends: float) -> tuple[Band, ...]:
    times = [entry.at for entry in probed.states[1:]] + [ends]
    return (
        tuple(
            Band(lane=PORT, at=entry.at, until=until, state=entry.state)
            for entry, until in zip(probed.states, times, strict=True)
            if entry.at < until
        )
        if probed.states
        else ()
    )
