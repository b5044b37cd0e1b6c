"""The rules by which the packets of a finding die, and the roads on which they do."""

from pxedoctor.findings.finding import Finding
from pxedoctor.road.hop import Fate, Road, RuleRef
from pxedoctor.verdict.report import Report


def roads_that_end(finding: Finding, report: Report) -> tuple[Road, ...]:
    """Those of the finding's first target that end at its hop; else those that do not pass."""
    roads = [road for road in report.roads_of(finding.targets[0]) if road.fate is not Fate.PASS]
    here = [road for road in roads if road.decisive is not None and road.decisive.hop is finding.broken.hop]
    return tuple(here or roads)


def deciding_rules(finding: Finding, report: Report) -> tuple[RuleRef, ...]:
    """Each once, in the order of the packets; () where no rule decides."""
    hops = (road.decisive for road in roads_that_end(finding, report))
    return tuple(dict.fromkeys(hop.rule for hop in hops if hop is not None and hop.rule is not None))
