"""How safe a step is, as a type."""

from enum import IntEnum


class Safety(IntEnum):
    """Ordered: a plan is as safe as its least safe step."""

    SAFE = 0
    """Nothing that works now can be lost: no guest's traffic, no connection, no file a person wrote."""
    RISKY = 1
    """Something may be lost, and the step says what; done only with --allow-risky."""
    SHOW_ONLY = 2
    """pxedoctor never does it; a person may, knowing the text."""

    @property
    def word(self) -> str:
        return {Safety.SAFE: "safe", Safety.RISKY: "risky", Safety.SHOW_ONLY: "show-only"}[self]
