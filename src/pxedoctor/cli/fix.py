"""pxedoctor fix: show the repair of what was found; with --apply, do it."""

import os
import sys
from typing import TYPE_CHECKING, NoReturn

import click
import msgspec

from pxedoctor.access.live import LiveHost
from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.interrupt import ignore
from pxedoctor.care.begin import begun
from pxedoctor.care.examine import Examined, examine
from pxedoctor.care.treat import Surgery, moved, refusal, treat
from pxedoctor.cli.output import fail, now, progress_on_terminal, say, style_of_stdout
from pxedoctor.cli.probing_options import probing, probing_of
from pxedoctor.cli.reverting import reverting, with_deadline
from pxedoctor.cli.selecting import selecting, selection_of
from pxedoctor.diagnose.selection import SelectionError
from pxedoctor.findings.finding import Finding
from pxedoctor.journal.store import Journal, JournalError
from pxedoctor.model.host import Host
from pxedoctor.report import json
from pxedoctor.report.planned import (
    nothing_because,
    planned_document,
    render_how_to,
    render_nothing,
    render_planned,
    verdict_of_nothing,
)
from pxedoctor.report.treatment import render_left, render_refused, render_treated, treated_document
from pxedoctor.verdict.report import Diagnosed
from pxedoctor.verdict.treatment import Refusal, Treated

if TYPE_CHECKING:
    from pxedoctor.checks.check import Check


class _Manner(msgspec.Struct, frozen=True):
    """How a person wants it done."""

    allow_risky: bool
    yes: bool
    revert_after: int | None
    as_json: bool


@click.command("fix")
@selecting
@click.option("--only", metavar="NAME", help="Only this cause (its name or code).")
@click.option("--apply", "do_apply", is_flag=True, help="Carry the plan out; without it the plan is only shown.")
@click.option("--yes", is_flag=True, help="Do not ask before --apply.")
@click.option("--allow-risky", is_flag=True, help="Also repairs by which something may be lost.")
@reverting
@probing
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(
    guests: tuple[str, ...],
    network: str | None,
    bridge: str | None,
    everything: bool,
    client: str | None,
    only: str | None,
    do_apply: bool,
    yes: bool,
    allow_risky: bool,
    revert_after: int | None,
    probe: bool,
    fetch: bool,
    quick: bool,
    as_json: bool,
) -> None:
    """Show the repair of what `diagnose` finds. With --apply: do it, look again, and undo it if it did not help."""
    _require_whole_wish(do_apply, yes, revert_after, as_json)
    selection = selection_of(guests, network, bridge, everything, client, as_json)
    progress = progress_on_terminal()
    wish = probing_of(probe, fetch, quick, progress, as_json)
    asking = begun(LiveHost())
    check = _named(only, as_json) if only is not None else None
    try:
        examined = examine(asking, selection, now(), progress, wish)
    except SelectionError as error:
        fail(error.message, error.would_help, as_json)
    if do_apply:
        _nothing_was_cut_off(as_json)
    wanted = _wanted(examined, check)
    if not wanted:
        _nothing(examined, check, as_json)
    if not do_apply:
        _show(wanted, examined, allow_risky, as_json)
    # Where no probe could be made now, none can judge the repair.
    probing = wish if examined.facts.observations else None
    surgery = Surgery(access=LiveHost(), selection=selection, journal=Journal(), clock=now, probing=probing)
    _apply(wanted, examined, surgery, _Manner(allow_risky, yes, revert_after, as_json))


def _require_whole_wish(do_apply: bool, yes: bool, revert_after: int | None, as_json: bool) -> None:
    """What goes with --apply alone, and who may give it."""
    if not do_apply and (yes or revert_after is not None):
        fail(
            "--yes, --revert-after and --no-revert go with --apply", "give --apply, too, or look first without", as_json
        )
    if do_apply and os.geteuid() != 0:
        fail("only root can repair a host", "run it as root: sudo pxedoctor fix ... --apply", as_json)


def _named(only: str, as_json: bool) -> "Check":
    # Checks and roads are half of what starting costs: imported while the host's programs run.
    from pxedoctor.checks import CHECKS
    from pxedoctor.cli.naming import cause_named, nearest

    named = cause_named(only)
    if named is None:
        fail(f"there is no cause {only!r}", nearest(only), as_json)
    return next(check for check in CHECKS if check.META.code == named.META.code)


def _nothing(examined: Examined, only: "Check | None", as_json: bool) -> NoReturn:
    """An empty plan says why it is empty."""
    meta = only.META if only is not None else None
    because = nothing_because(examined.report, meta)
    if as_json:
        click.echo(json.encode(planned_document((), (), examined.facts, because)))
    else:
        say(render_nothing(because, style_of_stdout()))
    sys.exit(verdict_of_nothing(examined.report, meta).exit_code)


def _nothing_was_cut_off(as_json: bool) -> None:
    """What a crash or a reboot left half done comes first: a second repair on top of it would hide it."""
    journal = Journal()
    try:
        begun = journal.cut_off()
        if begun is None:
            _nothing_is_overdue(journal, as_json)
            return
        with journal.locked():
            message = f"the treatment {begun.id} of {begun.finding} was cut off in its middle"
            fail(message, f"see it: pxedoctor history; take it back: pxedoctor undo {begun.id}", as_json)
    except JournalError as error:
        fail(error.message, error.would_help, as_json)


def _nothing_is_overdue(journal: Journal, as_json: bool) -> None:
    """Nor what a restart of the host kept from being taken back: whether it may stay, nobody has said."""
    waiting = journal.overdue(now())
    if waiting is None:
        return
    with journal.locked():
        fail(
            f"the treatment {waiting.id} of {waiting.finding} was to be taken back at {waiting.keep_by} and was not: "
            "was the host restarted?",
            f"if it is well: pxedoctor keep {waiting.id}; else: pxedoctor undo {waiting.id}",
            as_json,
        )


def _wanted(examined: Examined, only: "Check | None") -> tuple[Diagnosed, ...]:
    """The findings asked for. One cause at one place is repaired once, also where it is a fault for one guest and a
    risk for another."""
    first: dict[str, Diagnosed] = {}
    for diagnosed in examined.report.findings:
        if only is None or diagnosed.finding.meta is only.META:
            first.setdefault(diagnosed.finding.id, diagnosed)
    return tuple(first.values())


def _show(wanted: tuple[Diagnosed, ...], examined: Examined, allow_risky: bool, as_json: bool) -> None:
    refused = [because for d in wanted if (because := refusal(d, allow_risky)) is not None]
    if as_json:
        click.echo(json.encode(planned_document(wanted, refused, examined.facts)))
    else:
        style = style_of_stdout()
        say(render_planned(wanted, examined.report, examined.facts, style))
        if how_to := render_how_to(wanted, examined.report, style):
            say(how_to)
    sys.exit(0 if all(d.finding.broken.severity == "risk" for d in wanted) else 1)


def _apply(wanted: tuple[Diagnosed, ...], examined: Examined, surgery: Surgery, manner: _Manner) -> None:
    """Repairs the first cause only: what comes later on the road may be gone with it, or look different."""
    refused: list[Refusal] = []
    as_json = manner.as_json
    for diagnosed in wanted:
        because = refusal(diagnosed, manner.allow_risky)
        if because is not None:
            refused.append(because)
            continue
        if not manner.yes:
            _ask(diagnosed, examined, as_json)
        if not manner.yes and (what := moved(diagnosed, surgery)):
            fail(f"nothing was done: {what}", "look at the repair again: pxedoctor fix", as_json)
        surgery = with_deadline(surgery, diagnosed.plan, manner.revert_after)
        others = [other.finding for other in wanted if other is not diagnosed]
        treated = _carried_out(diagnosed, examined, surgery, as_json)
        _tell(treated, examined.facts.host, refused, others, as_json)
    if as_json:
        click.echo(json.encode(planned_document((), refused, examined.facts)))
    else:
        say(render_refused(refused, style_of_stdout()))
        if how_to := render_how_to(wanted, examined.report, style_of_stdout()):
            say(how_to)
    broken = any(d.finding.broken.severity == "broken" for d in wanted)
    sys.exit(1 if broken else 0)


def _ask(diagnosed: Diagnosed, examined: Examined, as_json: bool) -> None:
    """Returns if the person wants it done; exit status 1 if not, 2 where nobody can be asked."""
    if as_json or not sys.stdin.isatty():
        fail(
            "nothing was done: there is no terminal at which to ask",
            "look at it without --apply, then give --yes",
            as_json,
        )
    say(render_planned((diagnosed,), examined.report, examined.facts, style_of_stdout()))
    if not click.confirm("Do it?"):
        say("Nothing was done.")
        sys.exit(1)


def _carried_out(diagnosed: Diagnosed, examined: Examined, surgery: Surgery, as_json: bool) -> Treated:
    # `treat` obeys Ctrl-C; before and after it, for a moment, nobody does: what it did must be told.
    ignore()
    try:
        with surgery.journal.locked():
            return treat(diagnosed, examined.facts, surgery, surgery.journal.new_id(now()))
    except JournalError as error:
        fail(error.message, error.would_help, as_json)
    except NotGrantedError as error:
        fail(f"nothing was done: {error}", "give --no-revert if nobody can be cut off", as_json)


def _tell(treated: Treated, before: Host, refused: list[Refusal], others: list[Finding], as_json: bool) -> None:
    if as_json:
        click.echo(json.encode(treated_document(treated, refused, before)))
    else:
        say(render_treated(treated, style_of_stdout()))
        if left := render_left(others, style_of_stdout()):
            say(left)
        _ask_to_keep(treated)
    if treated.interrupted:
        click.echo("interrupted", err=True)
        sys.exit(130)
    sys.exit(0 if treated.outcome in {"verified", "pending"} else 1)


def _ask_to_keep(treated: Treated) -> None:
    """Whoever can answer has not cut himself off. No answer is one, too: then it is taken back in time."""
    entry = treated.entry
    if (
        entry.keep_by
        and treated.outcome in {"verified", "pending"}
        and sys.stdin.isatty()
        and click.confirm("Keep it?")
    ):
        journal = Journal()
        with journal.locked(wait=True):
            kept = journal.keep(journal.read(entry.id))
        say("it stays" if kept else "it was taken back already")
