"""A Finding: a Broken outcome with its check's identity and every target it holds for."""

import msgspec

from pxedoctor.findings.meta import Meta
from pxedoctor.findings.outcome import Broken
from pxedoctor.model.target import Target


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One cause. The first of `targets`, `first` itself, is the one its plan is computed for."""

    meta: Meta
    broken: Broken
    targets: tuple[str, ...]
    first: Target | None = None

    @property
    def name(self) -> str:
        return self.meta.name

    @property
    def id(self) -> str:
        """Stable over runs: `BR001:br0`. A fault for one guest and a risk for another at one place share it."""
        return f"{self.meta.code}:{self.broken.subject}"
