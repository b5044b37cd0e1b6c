"""The result of `probe` as a value: what was seen, and what a diagnosis beside it makes of that."""

import msgspec

from pxedoctor.model.observation import Probed, ProbeOutcome
from pxedoctor.model.target import Facts
from pxedoctor.verdict.report import Report, Verdict

_GOOD = frozenset({ProbeOutcome.OFFERED, ProbeOutcome.LEASED, ProbeOutcome.FETCHED})


class NotProbed(msgspec.Struct, frozen=True, kw_only=True):
    """A probe that could not be made, or under which the host changed. `forbidden`: for want of rights."""

    target: str
    bridge: str
    message: str
    would_help: str
    forbidden: bool = False


class Probes(msgspec.Struct, frozen=True, kw_only=True):
    """`report` None: no diagnosis was made beside it. `texts`: what the host printed for it, by the question."""

    seen: tuple[Probed, ...]
    not_probed: tuple[NotProbed, ...]
    facts: Facts | None = None
    report: Report | None = None
    texts: dict[str, str] = {}

    def of(self, probed: Probed) -> Verdict:
        """Silence of a probe that was cut short says nothing; a finding counts though an offer came.

        The host is diagnosed for frames without a tag: its findings say nothing of another VLAN.
        """
        if probed.outcome not in _GOOD:
            return Verdict.BROKEN if probed.whole else Verdict.UNKNOWN
        found = self.report.findings if self.report is not None and probed.vlan is None else ()
        broken = any(f.finding.broken.severity == "broken" and probed.target in f.finding.targets for f in found)
        return Verdict.BROKEN if broken else Verdict.HEALTHY

    @property
    def verdict(self) -> Verdict:
        found = {self.of(probed) for probed in self.seen} | ({Verdict.UNKNOWN} if self.not_probed else set())
        return next((worst for worst in (Verdict.BROKEN, Verdict.UNKNOWN) if worst in found), Verdict.HEALTHY)
