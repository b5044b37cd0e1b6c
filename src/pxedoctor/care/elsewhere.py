"""A diagnosis of guests that another libvirt than qemu:///system has: --connect."""

import msgspec

from pxedoctor.care.examine import Examined
from pxedoctor.collect.ask.connection import SYSTEM, Connection
from pxedoctor.collect.ask.libvirt import DAEMONS
from pxedoctor.plans.plan import NoPlan
from pxedoctor.verdict.report import Diagnosed


def without_plans_of_the_system(examined: Examined, there: Connection) -> Examined:
    """Without plans that ask qemu:///system for what it does not have, or restart its daemon."""
    findings = tuple(of_there(entry, there) for entry in examined.report.findings)
    return msgspec.structs.replace(examined, report=msgspec.structs.replace(examined.report, findings=findings))


def of_there(entry: Diagnosed, there: Connection) -> Diagnosed:
    if isinstance(entry.plan, NoPlan):
        return entry
    words = " ".join(word for step in entry.plan.steps for word in step.argv())
    if SYSTEM not in words and not any(daemon in words for daemon in DAEMONS):
        return entry
    because = f"pxedoctor repairs by {SYSTEM} and its daemon alone, and was asked about {there.uri}"
    return Diagnosed(finding=entry.finding, plan=NoPlan(because, tuple(step.describe() for step in entry.plan.steps)))
