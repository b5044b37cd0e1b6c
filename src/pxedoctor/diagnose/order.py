"""The order of findings: what packets die of before what may go wrong, earlier on the road before later, and a
specific cause before the general one it explains."""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.outcome import Hop

_ROAD = tuple(Hop)


def in_order(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    explained = {name for finding in findings for name in finding.meta.explains}

    def rank(finding: Finding) -> tuple[bool, bool, int, str]:
        return (
            finding.broken.severity != "broken",
            finding.name in explained,
            _ROAD.index(_stops(finding)),
            finding.meta.code,
        )

    return tuple(sorted(findings, key=rank))


def _stops(finding: Finding) -> Hop:
    """A bridge that is down has its ports disabled (br_stp_disable_bridge), and one that is not there has none: frames
    end at the port, before all that they would meet in the bridge."""
    whole = finding.broken.hop is Hop.BRIDGE and finding.broken.scope in {"bridge", "network"}
    return Hop.PORT if whole else finding.broken.hop
