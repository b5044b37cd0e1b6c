"""Looks at a host whose libvirt sleeps, wakes it, and looks again: --wake.

A daemon of libvirt's that starts writes its firewall rules and starts its networks. So all is read before it is woken
and all again afterwards, and a report is of one of the two moments, never of a mixture: of the first where the waking
mended what was broken there, as that is what the guests met; else of the second, the host as it is now.
"""

from typing import TYPE_CHECKING

import msgspec

from pxedoctor.care.examine import Examined, examined_by, judge, look
from pxedoctor.collect.ask.connection import Connection
from pxedoctor.collect.ask.libvirt import wake
from pxedoctor.collect.asking import Asking
from pxedoctor.collect.gather import Progress
from pxedoctor.diagnose.always import ASKED
from pxedoctor.diagnose.selection import Selection
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.source import Source
from pxedoctor.plans.plan import NoPlan
from pxedoctor.verdict.report import Diagnosed, Report

if TYPE_CHECKING:
    from pxedoctor.care.probing import Probing


class Woken(msgspec.Struct, frozen=True, kw_only=True):
    """`told`: what was woken and what came of it, in one sentence; "" where nothing slept."""

    examined: Examined
    told: str = ""


def examine_waking(
    asking: Asking,
    selection: Selection,
    collected_at: str,
    progress: Progress,
    probing: "Probing | None" = None,
    trace: bool = False,
) -> Woken:
    """As `examine`. Raises SelectionError, and then nothing was woken."""
    first = look(asking, selection, progress)
    slept = asleep(first.gathered.host, asking.there)
    if not slept:
        return Woken(examined=examined_by(asking.access, first, collected_at, progress, probing, trace))
    progress("libvirt, which is woken")
    again = Asking(asking.access, asking.there._replace(wake=True) if asking.there is not None else None)
    refused = wake(again.notebook)
    again.begin(ASKED)
    second = look(again, selection, progress)
    before, now = judge(first, collected_at), judge(second, collected_at)
    if mended := mended_by(before.report, now.report):
        told = _mended_words(slept, mended) + (", and nothing was probed" if probing is not None else "")
        return Woken(examined=_with(before, as_mended(before.report, mended, slept), told, asking.there), told=told)
    told = _words(slept, asleep(second.gathered.host, asking.there), refused)
    if probing is not None:
        now = examined_by(asking.access, second, collected_at, progress, probing, trace)
    return Woken(examined=_with(now, now.report, told, asking.there), told=told)


def asleep(host: Host, there: Connection | None = None) -> tuple[str, ...]:
    """The daemons that wait behind their socket, be it that another one runs; of another libvirt, its URI."""
    if there is not None:
        return (there.uri,) if isinstance(host.domains, Missing) and host.domains.status == "asleep" else ()
    return () if isinstance(host.libvirt, Missing) else tuple(one.name for one in host.libvirt.daemons if one.asleep)


def mended_by(before: Report, now: Report) -> tuple[Diagnosed, ...]:
    """What was broken, and is not found any more."""
    still = {entry.finding.id for entry in now.findings}
    broken = (entry for entry in before.findings if entry.finding.broken.severity == "broken")
    return tuple(entry for entry in broken if entry.finding.id not in still)


def as_mended(report: Report, mended: tuple[Diagnosed, ...], slept: tuple[str, ...]) -> Report:
    """Without the plans of what is mended already."""
    because = f"{', '.join(slept)} slept while this was read and was woken afterwards: it is not found any more"
    nothing = NoPlan(because, ("look at the host as it is now: pxedoctor diagnose",))
    gone = {entry.finding.id for entry in mended}
    findings = (
        Diagnosed(finding=entry.finding, plan=nothing) if entry.finding.id in gone else entry
        for entry in report.findings
    )
    return msgspec.structs.replace(report, findings=tuple(findings))


def _with(examined: Examined, report: Report, told: str, there: Connection | None) -> Examined:
    """What came of the waking stands where a reader of the JSON looks for what was asked."""
    asked = "libvirt" if there is None else "domains"
    sources = (_source(source, told) if source.name == asked else source for source in report.sources)
    report = msgspec.structs.replace(report, sources=tuple(sources))
    return msgspec.structs.replace(examined, report=report)


def _source(source: Source, told: str) -> Source:
    return Source(name=source.name, status="ok" if source.status == "asleep" else source.status, why=told)


def _mended_words(slept: tuple[str, ...], mended: tuple[Diagnosed, ...]) -> str:
    names = ", ".join(dict.fromkeys(f"{entry.finding.name} ({entry.finding.meta.code})" for entry in mended))
    return f"{', '.join(slept)} slept and was woken by --wake, which mended {names}: this is the host as it was before"


def _words(slept: tuple[str, ...], still: tuple[str, ...], refused: str) -> str:
    if still or refused:
        why = refused or f"{', '.join(still)} sleeps on"
        return f"{', '.join(slept)} slept, and asked by --wake gave no answer ({why}): this is the host as it is since"
    return (
        f"{', '.join(slept)} slept and was woken by --wake: it may have started networks and written firewall rules; "
        "this is the host as it is since"
    )
