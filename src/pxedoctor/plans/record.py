"""One treatment as the journal keeps it: the steps, their undo, and the true state of each."""

from typing import Literal

import msgspec

from pxedoctor.plans.request import Request
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Undo

JOURNAL_VERSION = 1

State = Literal["planned", "doing", "done", "failed", "undone", "undo-failed", "nothing-to-undo", "refused"]


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One step. `doing` without a later state means that pxedoctor was ended in the middle of it."""

    describe: str
    argv: tuple[str, ...]
    request: Request
    undo: Undo
    state: State = "planned"
    why: str = ""

    @property
    def stands(self) -> bool:
        """Whether what it did, or may have done, is still there."""
        return self.state in {"done", "doing", "undo-failed"}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One treatment. `finding` is the finding's id, `outcome` empty while it runs.

    `keep_by`: when it is taken back by itself, "" for never, unless somebody has `kept` it.
    """

    version: int
    id: str
    started: str
    finding: str
    headline: str
    steps: tuple[Recorded, ...]
    safety: Safety = Safety.SAFE
    pending: str = ""
    outcome: str = ""
    keep_by: str = ""
    kept: bool = False
