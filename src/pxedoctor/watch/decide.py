"""Whether the keeper repairs what it found, and why not."""

import msgspec

from pxedoctor.verdict.happened import Standing
from pxedoctor.watch.brake import Brake, holds, tries
from pxedoctor.watch.policy import Policy, Rule


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """`repairs`: --repair was given. `first_run`: no keeper ran on this host before. `busy`: who holds a lock on the
    host's packages, "" for nobody."""

    repairs: bool
    first_run: bool = False
    paused: bool = False
    busy: str = ""

    @property
    def holds_back(self) -> bool:
        """For a time: what is found meanwhile is repaired when it is over, if it still stands."""
        return self.paused or bool(self.busy)


def why_not(policy: Policy, standing: Standing, brake: Brake, situation: Situation, at: float) -> str:
    """Empty where it is repaired now. A plan that may lose something is refused later, by whoever carries it out."""
    rule = policy.rule(standing.name)
    if not situation.repairs or rule is Rule.TELL:
        return "the keeper only tells of it"
    if standing.severity != "broken" or standing.certainty != "proven":
        return f"it is {standing.severity}, {standing.certainty}: only what is broken and proven is repaired unasked"
    if situation.first_run:
        return "on its first run the keeper only tells"
    if situation.paused:
        return "the keeper is paused"
    if situation.busy:
        return f"{situation.busy} is at work"
    if holds(brake, standing.id, at):
        return "it was repaired too often: two programs undo each other's work"
    if rule is Rule.REPAIR_ONCE and tries(brake, standing.id):
        return "it was repaired once already"
    return ""
