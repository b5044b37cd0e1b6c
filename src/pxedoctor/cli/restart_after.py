"""pxedoctor restart-after: libvirt's daemon is restarted whenever a unit is that takes its rules away."""

import shlex
import sys
from typing import NoReturn

import click
import msgspec

from pxedoctor.access.live import LiveHost
from pxedoctor.apply.executor import perform, recorded
from pxedoctor.apply.interrupt import ignore
from pxedoctor.care.examine import silent
from pxedoctor.cli.output import fail, now, say, style_of_stdout
from pxedoctor.collect.gather import gather
from pxedoctor.journal.events import Events, EventsError
from pxedoctor.journal.store import Journal, JournalError
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.follow_unit import followed
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.record import Entry
from pxedoctor.plans.safety import Safety
from pxedoctor.report import json
from pxedoctor.report.happened import render_recurring
from pxedoctor.report.offered import offered_document, render_offered
from pxedoctor.report.treatment import render_treated, treated_document
from pxedoctor.verdict.recurring import recurring
from pxedoctor.verdict.treatment import Treated


@click.command("restart-after")
@click.argument("unit", metavar="[UNIT]", required=False)
@click.option("--apply", "do_apply", is_flag=True, help="Make the drop-in; without it the plan is only shown.")
@click.option("--allow-risky", is_flag=True, help="Also where something may be lost.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(unit: str | None, do_apply: bool, allow_risky: bool, as_json: bool) -> None:
    """Have libvirt's network daemon restarted whenever UNIT is (a drop-in of systemd's; `undo` removes it).

    Without UNIT: the units that took libvirt's rules away more than once, as `pxedoctor events` remembers them.
    """
    if unit is None:
        if do_apply:
            fail("which unit?", "pxedoctor restart-after shows those that recur", as_json)
        _show_recurring(as_json)
    host = gather(LiveHost(), frozenset({"libvirt"}), silent).host
    daemon = _daemon(host, as_json)
    plan = followed(daemon, unit)
    if isinstance(plan, NoPlan):
        fail(plan.because, "; ".join(plan.instead), as_json)
    entry = recorded("", now(), f"restart-after:{unit}", f"{daemon} does not follow {unit}", plan, host)
    if not do_apply:
        _show(unit, entry, plan, as_json)
    if plan.safety is Safety.RISKY and not allow_risky:
        fail(f"it is RISKY, and --allow-risky was not given: {plan.may_lose}", "nothing was done", as_json)
    _apply(entry, as_json)


def _daemon(host: Host, as_json: bool) -> str:
    if isinstance(host.libvirt, Missing):
        fail(f"libvirt's daemons are not known: {host.libvirt.why}", host.libvirt.would_help, as_json)
    owner = host.libvirt.network_owner
    if owner is None:
        fail("no daemon of libvirt runs or sleeps here, and which one this host uses is not known", "start it", as_json)
    return owner.name


def _show_recurring(as_json: bool) -> NoReturn:
    try:
        found = recurring(Events().last())
    except EventsError as error:
        fail(error.message, error.would_help, as_json)
    if as_json:
        click.echo(json.encode(offered_document(None, None, tuple(one.unit for one in found))))
    else:
        none = "No unit has taken libvirt's rules away more than once, as far as the keeper remembers."
        say(render_recurring(found, style_of_stdout()) or none)
    sys.exit(0)


def _show(unit: str, entry: Entry, plan: Plan, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.encode(offered_document(entry, plan, ())))
    else:
        say(render_offered(entry, plan, shlex.join(_typed(unit, plan)), style_of_stdout()))
    sys.exit(0)


def _typed(unit: str, plan: Plan) -> tuple[str, ...]:
    risky = ("--allow-risky",) if plan.safety is Safety.RISKY else ()
    return ("pxedoctor", "restart-after", unit, "--apply", *risky)


def _apply(entry: Entry, as_json: bool) -> NoReturn:
    journal = Journal()
    # Half a drop-in is worse than one that is made some seconds after Ctrl-C.
    ignore()
    try:
        with journal.locked():
            entry = perform(msgspec.structs.replace(entry, id=journal.new_id(entry.started)), journal)
            done = all(step.state == "done" for step in entry.steps)
            entry = msgspec.structs.replace(entry, outcome="pending" if done else "undone")
            journal.write(entry)
    except JournalError as error:
        fail(error.message, error.would_help, as_json)
    treated = Treated(entry=entry, outcome="pending" if done else "undone")
    if as_json:
        click.echo(json.encode(treated_document(treated, [])))
    else:
        say(render_treated(treated, style_of_stdout()))
    sys.exit(0 if done else 1)
