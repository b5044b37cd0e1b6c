"""What a probe saw, as the document that `probe --json` prints."""

from pxedoctor.model.observation import Probed
from pxedoctor.report.document import SCHEMA_VERSION, FindingDocument, RoadDocument
from pxedoctor.report.json import finding_document, road_documents, tool
from pxedoctor.report.probe_document import (
    ArpDocument,
    BootServerDocument,
    FetchDocument,
    NakDocument,
    NotProbedDocument,
    OfferDocument,
    PortStateDocument,
    ProbeDocument,
    ProbesDocument,
    SentDocument,
    StageDocument,
    SwitchDocument,
)
from pxedoctor.verdict.probe import Probes


def one_document(probed: Probed, probes: Probes) -> ProbeDocument:
    return ProbeDocument(
        schema_version=SCHEMA_VERSION,
        tool=tool(),
        target=probed.target,
        bridge=probed.bridge,
        vlan=probed.vlan,
        profile=probed.profile,
        asked_for=probed.asked_for,
        mac=probed.mac,
        outcome=probed.outcome,
        why=probed.why,
        whole=probed.whole,
        fetch=probed.fetch,
        verdict=probes.of(probed),
        judged=probes.report is not None and probed.vlan is None,
        stages=[StageDocument(stage=s.stage, at=s.at, ok=s.ok, detail=s.detail) for s in probed.stages],
        offers=_offers(probed),
        port_states=[PortStateDocument(at=entry.at, state=entry.state) for entry in probed.states],
        sent=[SentDocument(at=entry.at, what=entry.what, port_state=entry.port_state) for entry in probed.sent],
        naks=[NakDocument(at=nak.at, server=nak.server, mac=nak.mac, why=nak.why) for nak in probed.naks],
        arps=[ArpDocument(at=arp.at, asked=arp.asked, address=arp.address, mac=arp.mac) for arp in probed.arps],
        boot_servers=_boot_servers(probed),
        fetches=_fetches(probed),
        switches=[
            SwitchDocument(at=switch.at, by=switch.by, mac=switch.mac, name=switch.name, detail=switch.detail)
            for switch in probed.switches
        ],
        roads=_roads(probed, probes),
        findings=_findings(probed, probes),
    )


def several_document(probes: Probes) -> ProbesDocument:
    return ProbesDocument(
        schema_version=SCHEMA_VERSION,
        tool=tool(),
        verdict=probes.verdict,
        probes=[one_document(probed, probes) for probed in probes.seen],
        not_probed=[
            NotProbedDocument(
                target=entry.target, bridge=entry.bridge, message=entry.message, would_help=entry.would_help
            )
            for entry in probes.not_probed
        ],
    )


def _offers(probed: Probed) -> list[OfferDocument]:
    return [
        OfferDocument(
            server=offer.server,
            mac=offer.mac,
            address=offer.address,
            file=offer.file,
            next_server=offer.next_server,
            checksum=offer.checksum,
            at=offer.at,
            source=offer.source,
            source_port=offer.source_port,
            proxy=offer.proxy,
            refused=offer.refused,
        )
        for offer in probed.offers
    ]


def _boot_servers(probed: Probed) -> list[BootServerDocument]:
    return [
        BootServerDocument(
            at=asked.at,
            server=asked.server,
            port=asked.port,
            answered=asked.answered,
            file=asked.file,
            next_server=asked.next_server,
        )
        for asked in probed.boot_servers
    ]


def _fetches(probed: Probed) -> list[FetchDocument]:
    return [
        FetchDocument(
            at=fetch.at,
            seconds=fetch.seconds,
            url=fetch.url,
            outcome=fetch.outcome,
            why=fetch.why,
            received=fetch.received,
            size=fetch.size,
            status=fetch.status,
            content_type=fetch.content_type,
            block_size=fetch.block_size,
            window=fetch.window,
        )
        for fetch in probed.fetches
    ]


def _roads(probed: Probed, probes: Probes) -> list[RoadDocument]:
    """All roads of the target: of a probe also those that pass are of interest, with who saw it."""
    if probes.report is None or probed.vlan is not None:
        return []
    return road_documents(probes.report.roads_of(probed.target))


def _findings(probed: Probed, probes: Probes) -> list[FindingDocument]:
    if probes.report is None or probes.facts is None or probed.vlan is not None:
        return []
    found = (diagnosed for diagnosed in probes.report.findings if probed.target in diagnosed.finding.targets)
    return [finding_document(diagnosed, probes.facts) for diagnosed in found]
