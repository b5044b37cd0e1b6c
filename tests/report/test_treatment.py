"""What fix, undo and history say: to a person word for word (golden/), and as JSON the true state of each step."""

import msgspec
import pytest

from builders import probed
from golden import same_as_golden
from pxedoctor.apply.executor import recorded
from pxedoctor.plans.bridge_file import ConfigureBridge
from pxedoctor.plans.owners.owner import FileChange
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.record import Entry, State
from pxedoctor.report.style import Style
from pxedoctor.report.treatment import (
    planned_document,
    render_history,
    render_how_to,
    render_planned,
    render_refused,
    render_treated,
    render_undone,
    treated_document,
    undone_document,
)
from pxedoctor.verdict.report import Diagnosed
from pxedoctor.verdict.treatment import Refusal, Treated, TreatmentOutcome
from report_builders import broken_report, checksum_risk, guest, likely_report, report, risky_report, slow_host

FACTS = slow_host()
REFUSAL = Refusal("BR001:br0", "the repair is RISKY, and --allow-risky was not given: the LAN's tree.")


def diagnosed() -> Diagnosed:
    return broken_report().findings[0]


def entry(*states: State, why: str = "", pending: str = "") -> Entry:
    """BR001's treatment as the executor would record it, with its steps in these states."""
    found = diagnosed()
    assert isinstance(found.plan, Plan)
    plan = msgspec.structs.replace(found.plan, pending=pending)
    headline = found.finding.broken.headline
    made = recorded("20260501T060000Z-0d0d", "2026-05-01T06:00:00Z", found.finding.id, headline, plan, FACTS.host)
    steps = tuple(
        msgspec.structs.replace(step, state=state, why=why if state in {"failed", "undo-failed"} else "")
        for step, state in zip(made.steps, states, strict=True)
    )
    return msgspec.structs.replace(made, steps=steps)


def treated(outcome: TreatmentOutcome, *states: State, why: str = "", pending: str = "") -> Treated:
    return Treated(entry=entry(*states, why=why, pending=pending), outcome=outcome)


def test_planned() -> None:
    shown = broken_report()
    text = render_planned(shown.findings, shown, FACTS, Style())
    same_as_golden("fix-planned", text + "\n" + render_how_to(shown.findings, shown, Style()))


def lasting_step() -> ConfigureBridge:
    text = "iface br0 inet manual\n  bridge_ports \x1b[2Jeno1\n  bridge_stp on\n  bridge_fd 15\n  bridge_maxwait 0\n"
    change = FileChange(
        path="/etc/network/interfaces", before=text, after=text.replace("15", "2"), then=(("ifquery", "br0"),)
    )
    return ConfigureBridge(owner="ifupdown", bridge="br0", words="a forward delay of 2 s", change=change)


def test_planned_with_a_file_that_is_changed() -> None:
    """The diff is as it is, but for what a terminal would obey."""
    shown = broken_report()
    found = shown.findings[0]
    assert isinstance(found.plan, Plan)
    plan = msgspec.structs.replace(found.plan, steps=(*found.plan.steps[:1], lasting_step()))
    wanted = (msgspec.structs.replace(found, plan=plan),)
    same_as_golden("fix-planned-file", render_planned(wanted, shown, FACTS, Style()))
    document = planned_document(wanted, (), FACTS)
    assert "-  bridge_fd 15\n+  bridge_fd 2\n" in document.plans[0].steps[1].diff


def test_what_is_taken_back_by_itself_unless_it_is_kept() -> None:
    made = treated("verified", *["done"] * len(entry_states()))
    waiting = msgspec.structs.replace(made.entry, keep_by="2026-05-01T06:02:00Z", outcome="verified")
    text = render_treated(msgspec.structs.replace(made, entry=waiting), Style())
    assert f"2026-05-01T06:02:00Z, unless you type: pxedoctor keep {waiting.id}" in " ".join(text.split())
    kept = msgspec.structs.replace(waiting, kept=True)
    assert "pxedoctor keep" not in render_treated(msgspec.structs.replace(made, entry=kept), Style())


def entry_states() -> tuple[object, ...]:
    plan = diagnosed().plan
    assert isinstance(plan, Plan)
    return plan.steps


def test_planned_risky() -> None:
    shown = risky_report()
    same_as_golden("fix-planned-risky", render_planned(shown.findings, shown, FACTS, Style()))


def test_planned_without_inverse_and_pending() -> None:
    shown = likely_report()
    same_as_golden("fix-planned-pending", render_planned(shown.findings, shown, FACTS, Style()))


def test_no_plan_says_why_and_offers_nothing() -> None:
    found = checksum_risk("br0", guest())
    text = render_planned((found,), report(findings=(found,)), FACTS, Style())
    assert "no repair by pxedoctor: no client here is known to refuse such replies" in text
    assert render_how_to((found,), report(findings=(found,)), Style()) == ""


def test_nothing_to_repair() -> None:
    assert render_planned((), report(), FACTS, Style()) == "Nothing to repair."
    assert render_refused((), Style()) == "Nothing to repair."


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("fix-verified", treated("verified", "done", "done")),
        ("fix-pending", treated("pending", "done", "done", pending="shut web01 down and start it again.")),
        ("fix-undone", treated("undone", "undone", "failed", why="virsh ended with 1: no such network")),
        ("fix-failed", treated("failed", "undo-failed", "failed", why="ip ended with 2: no such device")),
    ],
)
def test_treated(name: str, told: Treated) -> None:
    same_as_golden(name, render_treated(told, Style()))


def test_a_probe_after_the_repair() -> None:
    told = msgspec.structs.replace(treated("verified", "done", "done"), seen=(probed(),))
    same_as_golden("fix-verified-probe", render_treated(told, Style()))
    assert [probe.outcome for probe in treated_document(told, ()).probes] == ["offered"]


def test_only_what_still_stands_can_be_taken_back() -> None:
    stands = render_treated(treated("verified", "done", "done"), Style())
    gone = render_treated(treated("undone", "undone", "undone"), Style())
    assert "pxedoctor undo 20260501T060000Z-0d0d" in stands
    assert "pxedoctor undo" not in gone


def test_a_restart_offers_no_way_back() -> None:
    found = likely_report().findings[0]
    assert isinstance(found.plan, Plan)
    made = recorded("20260501T060000Z-0d0d", "2026-05-01T06:00:00Z", "NF001:lab", "gone", found.plan, FACTS.host)
    done = msgspec.structs.replace(
        made, steps=tuple(msgspec.structs.replace(step, state="done") for step in made.steps)
    )
    text = render_treated(Treated(entry=done, outcome="verified"), Style())
    assert "it cannot be taken back: a restart has no inverse" in text
    assert "pxedoctor undo" not in text


@pytest.mark.parametrize(
    ("states", "why", "first"),
    [
        (("undone", "undone"), "", "TAKEN BACK: "),
        (("undone", "undo-failed"), "", "NOT ALL TAKEN BACK: "),
        (("undone", "nothing-to-undo"), "", "NOT ALL TAKEN BACK: "),
        (("nothing-to-undo", "nothing-to-undo"), "", "NOTHING TAKEN BACK: "),
        (("undone", "undone"), "it was already", "NOTHING TAKEN BACK: it was already"),
    ],
)
def test_undone_says_what_is_true(states: tuple[State, ...], why: str, first: str) -> None:
    assert render_undone(entry(*states), why, Style()).startswith(first)


def test_a_step_that_could_not_be_undone_comes_with_its_command() -> None:
    text = render_undone(entry("undone", "undo-failed", why="no such network"), "", Style())
    assert "virsh -c qemu:///system net-edit lab" in text
    assert "no such network" in text


def test_history() -> None:
    done = msgspec.structs.replace(entry("done", "done"), outcome="verified")
    back = msgspec.structs.replace(entry("undone", "undone"), outcome="undone")
    same_as_golden("history", render_history((done, back, entry("doing", "planned")), Style()))
    assert render_history((), Style()) == "pxedoctor has changed nothing on this host."


def test_refused() -> None:
    same_as_golden("fix-refused", render_refused((REFUSAL,), Style()))


def test_planned_as_json() -> None:
    document = planned_document((diagnosed(),), (), FACTS)
    assert (document.id, document.outcome) == (None, "planned")
    steps = document.plans[0].steps
    assert [step.state for step in steps] == ["planned", "planned"]
    assert steps[0].command == "ip link set dev br0 type bridge forward_delay 200"


@pytest.mark.parametrize(("refused", "outcome"), [((REFUSAL,), "refused"), ((), "nothing-to-do")])
def test_nothing_planned_as_json(refused: tuple[Refusal, ...], outcome: str) -> None:
    found = diagnosed()
    without = Diagnosed(finding=found.finding, plan=NoPlan("because"))
    document = planned_document((without,), refused, FACTS)
    assert (document.outcome, document.plans) == (outcome, [])


def test_treated_as_json_tells_the_true_state() -> None:
    document = treated_document(treated("failed", "undo-failed", "doing"), (REFUSAL,))
    assert [step.state for step in document.plans[0].steps] == ["undo-failed", "failed"]
    assert document.unplanned == [f"{REFUSAL.finding}: {REFUSAL.because}"]


@pytest.mark.parametrize(("state", "outcome"), [("undone", "undone"), ("undo-failed", "failed")])
def test_undone_as_json(state: State, outcome: str) -> None:
    assert undone_document(entry("undone", state), "").outcome == outcome
