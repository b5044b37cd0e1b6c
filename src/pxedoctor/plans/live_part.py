"""A plan without the steps that only make it last: for whoever may change the host and not its files."""

import msgspec

from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.request import EditFile, RemoveFile, WriteFile
from pxedoctor.plans.step import Step


class Parted(msgspec.Struct, frozen=True):
    """`live`: NoPlan where nothing is left. `lasting`: the steps that were left out."""

    live: Plan | NoPlan
    lasting: tuple[Step, ...] = ()


def parted(plan: Plan) -> Parted:
    """What an owner's own command writes down in the same breath (`ufw allow`, `virsh net-update`) stays live."""
    lasting = tuple(step for step in plan.steps if _only_lasts(step))
    live = tuple(step for step in plan.steps if not _only_lasts(step))
    if not live:
        words = "; ".join(step.describe() for step in lasting)
        return Parted(NoPlan(f"all of its repair is written into files: {words}"), lasting)
    return Parted(msgspec.structs.replace(plan, steps=live), lasting)


def _only_lasts(step: Step) -> bool:
    """A file decides about nothing before its reader's next start (plans/file.py)."""
    return isinstance(step.request(), EditFile | WriteFile | RemoveFile)
