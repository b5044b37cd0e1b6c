"""The order of findings: what packets die of before what may go wrong, a specific cause before the general one that it
explains to one of its guests, and what a boot meets first: its legs one after the other, and on each the places of the
road."""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.outcome import Hop, Leg

_LEGS, _ROAD = tuple(Leg), tuple(Hop)
# Behind the server: only what comes back is there.
_BACK = _ROAD.index(Hop.OUTPUT)


def in_order(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    explained = {(name, target) for finding in findings for name in finding.meta.explains for target in finding.targets}

    def rank(finding: Finding) -> tuple[bool, bool, int, int, str]:
        return (
            finding.broken.severity != "broken",
            any((finding.name, target) in explained for target in finding.targets),
            *_stops(finding),
            finding.meta.code,
        )

    return tuple(sorted(findings, key=rank))


def _stops(finding: Finding) -> tuple[int, int]:
    """The leg, and the place on it.

    A bridge that is down has its ports disabled (br_stp_disable_bridge), and one that is not there has none: frames
    end at the port, before all that they would meet in the bridge.
    """
    broken = finding.broken
    whole = broken.hop is Hop.BRIDGE and broken.scope in {"bridge", "network"}
    place = _ROAD.index(Hop.PORT if whole else broken.hop)
    leg = Leg.ANSWER if broken.leg is Leg.ASKING and place >= _BACK else broken.leg
    return _LEGS.index(leg), place
