"""The result of a treatment as a value; `care` makes it, `report` draws it."""

from typing import Literal

import msgspec

from pxedoctor.model.observation import Probed
from pxedoctor.plans.record import Entry

TreatmentOutcome = Literal["verified", "pending", "undone", "failed"]


class Treated(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, step by step, and what a fresh look said of it. `interrupted`: a person wanted it to stop.

    `seen`: what probes got after the repair, where they were asked for.
    """

    entry: Entry
    outcome: TreatmentOutcome
    interrupted: bool = False
    seen: tuple[Probed, ...] = ()


class Refusal(msgspec.Struct, frozen=True):
    """Why a finding is not repaired although it was asked for."""

    finding: str
    because: str
