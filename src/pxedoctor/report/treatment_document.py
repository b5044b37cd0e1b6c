"""The JSON that `fix`, `undo`, `history` and `restart-after` print, as types."""

from typing import Literal

import msgspec

from pxedoctor.plans.record import Entry
from pxedoctor.report.document import ProbeSummaryDocument, SafetyWord, ShownDocument, ToolDocument

StepState = Literal["planned", "done", "undone", "undo-failed", "refused", "failed"]
TreatmentWord = Literal["planned", "nothing-to-do", "verified", "pending", "undone", "failed", "refused"]


class WayBackDocument(msgspec.Struct):
    """How one step is taken back: by `pxedoctor undo`, or by hand with the command."""

    describe: str
    argv: list[str]
    command: str


Standing = Literal["undoable", "undone", "conflict"]


class PassageDocument(msgspec.Struct):
    """Lines of a file in three texts; `line`: where they are now. `left_out`: how many of the longest are not here."""

    path: str
    line: int
    standing: Standing
    before: str
    written: str
    now: str
    left_out: int


class ValueDocument(msgspec.Struct):
    """A live value, or an attribute of a definition, three times; "not there" for none."""

    name: str
    standing: Standing
    before: str
    written: str
    now: str


class ThreeWayDocument(msgspec.Struct):
    """What `undo` met: before the repair, written by pxedoctor, now. Secrets are stars in all of them.

    `undoable`: what was written is still there; `undone`: it is as it was before already; `conflict`: neither, and it
    is left as it is. `left_out`: passages that are not here. `unreadable`: why nothing could be compared, "" otherwise.
    """

    passages: list[PassageDocument]
    values: list[ValueDocument]
    left_out: int
    unreadable: str


class TreatedStepDocument(msgspec.Struct):
    """`diff`: of a file, or of what libvirt keeps of a guest or network; "" where none is changed or could be read, and
    of what libvirt keeps where the journal alone is asked. `then`: who reads a changed file at once. `way_back` null:
    there is none, and `no_way_back_because` says why.

    `three_way`: of `undo` alone, and of the steps that stood.
    """

    describe: str
    argv: list[str]
    command: str
    diff: str
    then: list[str]
    state: StepState
    why: str
    way_back: WayBackDocument | None
    no_way_back_because: str
    three_way: ThreeWayDocument | None = None


class TreatedPlanDocument(msgspec.Struct):
    """`headline`: why. `verified_by`: how it is told that it has helped. `other_ways` and `shown`: of a plan alone."""

    finding: str
    headline: str
    safety: SafetyWord
    may_lose: str
    pending: str
    verified_by: str
    steps: list[TreatedStepDocument]
    other_ways: list[str] = []
    shown: list[ShownDocument] = []


class TreatmentDocument(msgspec.Struct, tag_field="type", tag="treatment"):
    """What `fix --json` and `undo --json` print. `id` is what `undo` takes; null where nothing was done.

    `probes`: what probes got after the repair, where they were asked for. `keep_by`: when it is taken back by itself
    unless `pxedoctor keep` is typed; null for never.
    """

    schema_version: int
    tool: ToolDocument
    id: str | None
    outcome: TreatmentWord
    why: str
    plans: list[TreatedPlanDocument]
    unplanned: list[str]
    probes: list[ProbeSummaryDocument] = []
    keep_by: str | None = None


class HistoryDocument(msgspec.Struct, tag_field="type", tag="history"):
    """What `history --json` prints: the treatments as the journal keeps them, oldest first."""

    schema_version: int
    entries: list[Entry]
