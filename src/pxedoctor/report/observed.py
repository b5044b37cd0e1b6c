"""What probes saw, in words: what each came to, its offers, and where packets did something else than the facts say."""

from pxedoctor.model.observation import Probed, ProbeOutcome, SeenOffer
from pxedoctor.report.style import Line, Role, Style, labelled, paragraph
from pxedoctor.road.observed import Parting, parting
from pxedoctor.verdict.report import Report

OUTCOMES = {
    ProbeOutcome.FETCHED: ("FETCHED", Role.GOOD),
    ProbeOutcome.LEASED: ("LEASED", Role.GOOD),
    ProbeOutcome.OFFERED: ("OFFERED", Role.GOOD),
    ProbeOutcome.SILENT: ("NO ANSWER", Role.BAD),
    ProbeOutcome.REFUSED: ("REFUSED", Role.BAD),
    ProbeOutcome.FETCH_FAILED: ("NO BOOT FILE", Role.BAD),
}
_SUMS = {
    "valid": "UDP sum right",
    "partial": "UDP sum left open",
    "bad": "UDP sum wrong",
    "none": "no UDP sum",
}
FAILED = frozenset({ProbeOutcome.SILENT, ProbeOutcome.REFUSED, ProbeOutcome.FETCH_FAILED})
# More targets than this are not named.
_NAMED = 6


def probe_blocks(report: Report, style: Style) -> list[list[Line]]:
    """For a diagnosis with probes: what they came to, and where they part from it."""
    lines = seen_lines(report.probes, style, several=len(report.targets) > 1)
    return [*([lines] if lines else []), *parting_blocks(report, style)]


def seen_lines(seen: tuple[Probed, ...], style: Style, several: bool, when: str = "") -> list[Line]:
    """A line for each probe, or for all that came to the same. `several`: for whom, too."""
    told: dict[str, list[str]] = {}
    for probed in seen:
        word, _ = OUTCOMES[probed.outcome]
        cut = "" if probed.whole else " (cut short: this silence proves nothing)"
        told.setdefault(f"as {probed.profile}: {word.lower()}, {came_to(probed)}{cut}", []).append(probed.target)
    lines: list[Line] = []
    for text, targets in told.items():
        whom = f" for {', '.join(targets[:_NAMED])}" + (" ..." if len(targets) > _NAMED else "") if several else ""
        lines += labelled(f"a probe{when}{whom}", text, style, 2)
    return lines


def not_explained(report: Report) -> tuple[str, ...]:
    """Targets that were seen to fail, and of which no cause was found."""
    named = {target for f in report.findings if f.finding.broken.severity == "broken" for target in f.finding.targets}
    probed = {seen.target for seen in report.probes if seen.outcome in FAILED and seen.whole}
    return tuple(entry.target.id for entry in report.targets if entry.target.id in probed - named)


def came_to(probed: Probed) -> str:
    if probed.outcome is not ProbeOutcome.OFFERED:
        return probed.why
    servers = dict.fromkeys(f"{offer.server} ({offer.mac})" for offer in probed.offers if not offer.refused)
    return f"by {' and by '.join(servers)}"


def different(offers: tuple[SeenOffer, ...]) -> tuple[SeenOffer, ...]:
    """Each offer once: a client that asks again is offered the same again."""
    first: dict[object, SeenOffer] = {}
    for offer in offers:
        first.setdefault((offer.server, offer.mac, offer.address, offer.file, offer.checksum, offer.refused), offer)
    return tuple(first.values())


def offer_label(offer: SeenOffer) -> str:
    return "proxy offer" if offer.proxy else "offer"


def offer_text(offer: SeenOffer) -> str:
    words = [f"from {offer.server} ({offer.mac}) after {offer.at:.2f} s"]
    if offer.address:
        words.insert(0, offer.address)
    if offer.file:
        words.append(f"boot file {offer.file}" + (f" at {offer.next_server}" if offer.next_server else ""))
    elif not offer.proxy:
        words.append("no boot file")
    words.append(_SUMS[offer.checksum])
    if offer.refused:
        words.append(f"dropped by this client: {offer.refused}")
    return ", ".join(words)


def parting_blocks(report: Report, style: Style) -> list[list[Line]]:
    """Where packets did something else than the facts foretell. Silence is told only where no finding explains it."""
    unexplained = not_explained(report)
    several = len(report.targets) > 1
    blocks = [
        _parting_lines(told, road.target if several else "", style)
        for road in report.roads
        if (told := parting(road)) is not None and (told.kind == "came" or road.target in unexplained)
    ]
    if unexplained:
        whom = f" for {', '.join(unexplained[:_NAMED])}" if several else ""
        text = f"No cause that pxedoctor knows explains{whom} what the probe saw."
        blocks.append(paragraph(text, style, 2, Role.STRONG))
    return blocks


def _parting_lines(told: Parting, target: str, style: Style) -> list[Line]:
    place = f"{told.hop.hop.value}{f' ({told.hop.device})' if told.hop.device else ''}"
    whom = f", for {target}" if target else ""
    return [
        *paragraph(f"prediction and probe part at {place}{whom}", style, 2, Role.DOUBTFUL),
        *paragraph(told.text, style, 4),
        *labelled("so", told.meaning, style, 4),
    ]
