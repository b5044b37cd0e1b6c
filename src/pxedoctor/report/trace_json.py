"""What a trace saw, as the document that `trace --json` prints."""

from pxedoctor.model.traced import ServerWord
from pxedoctor.report.document import SCHEMA_VERSION, FindingDocument, RuleDocument
from pxedoctor.report.json import finding_document, road_documents, rule_document, tool
from pxedoctor.report.trace_document import (
    CounterDocument,
    DeathDocument,
    PacketDocument,
    PortMomentDocument,
    ServerWordDocument,
    SightingDocument,
    TraceDocument,
    WitnessDocument,
)
from pxedoctor.report.words.table import understood
from pxedoctor.road.hop import RuleRef
from pxedoctor.road.life import Death, Packet, Sighting
from pxedoctor.verdict.trace import Trace


def trace_document(trace: Trace) -> TraceDocument:
    return TraceDocument(
        schema_version=SCHEMA_VERSION,
        tool=tool(),
        target=trace.target,
        bridge=trace.bridge,
        mac=trace.mac,
        tap=trace.tap,
        seconds=trace.seconds,
        verdict=trace.verdict,
        answered=trace.answered,
        packets=[packet_document(packet) for packet in trace.packets],
        died=_death(trace.died, trace.packets) if trace.died else None,
        witnesses=_witnesses(trace),
        counters=_counters(trace),
        words=[_word(word) for word in trace.words],
        port_states=[PortMomentDocument(at=s.at, device=s.device, state=s.state) for s in trace.states],
        roads=road_documents(trace.report.roads_of(trace.target)) if trace.report is not None else [],
        findings=_findings(trace),
    )


def _word(word: ServerWord) -> ServerWordDocument:
    means = [saying.meaning for saying in understood(word.text)] if word.speaker == "guest" else []
    return ServerWordDocument(text=word.text, origin=word.origin, speaker=word.speaker, means=means)


def packet_document(packet: Packet) -> PacketDocument:
    return PacketDocument(
        kind=packet.kind,
        direction=packet.direction,
        mac=packet.mac,
        xid=packet.xid,
        number=packet.number,
        at=packet.at,
        source=packet.source,
        destination=packet.destination,
        length=packet.length,
        vlan=packet.vlan,
        hops=[_sighting(seen) for seen in packet.sightings],
    )


def _sighting(seen: Sighting) -> SightingDocument:
    return SightingDocument(
        hop=seen.hop,
        device=seen.device,
        at=seen.at,
        witness=seen.witness,
        fate=seen.fate,
        reason=seen.reason,
        words=seen.words,
        rule=_rule(seen.rule),
    )


def _death(death: Death, packets: tuple[Packet, ...]) -> DeathDocument:
    return DeathDocument(
        hop=death.hop,
        device=death.device,
        kind=death.kind,
        words=death.words,
        reason=death.reason,
        rule=_rule(death.rule),
        witnesses=list(death.witnesses),
        certain=death.certain,
        packet=packets.index(death.packet) if death.packet in packets else None,
    )


def _rule(rule: RuleRef | None) -> RuleDocument | None:
    return None if rule is None else rule_document(rule)


def _witnesses(trace: Trace) -> list[WitnessDocument]:
    return [
        WitnessDocument(
            name=entry.name,
            status=entry.status,
            why=entry.why,
            would_help=entry.would_help,
            heard=entry.heard,
            lost=entry.lost,
        )
        for entry in trace.witnesses
    ]


def _counters(trace: Trace) -> list[CounterDocument]:
    return [
        CounterDocument(
            source=move.source,
            name=move.name,
            device=move.device,
            before=move.before,
            after=move.after,
            origin=move.origin,
        )
        for move in trace.counters
    ]


def _findings(trace: Trace) -> list[FindingDocument]:
    if trace.report is None or trace.facts is None:
        return []
    found = (diagnosed for diagnosed in trace.report.findings if trace.target in diagnosed.finding.targets)
    return [finding_document(diagnosed, trace.facts) for diagnosed in found]
