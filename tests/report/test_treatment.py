"""What fix did, and what undo and history say: word for word (golden/), and as JSON the true state of each step."""

import json

import jsonschema
import msgspec
import pytest

from builders import probed
from golden import same_as_golden
from pxedoctor.apply.executor import recorded
from pxedoctor.plans.plan import Plan
from pxedoctor.plans.record import Entry, State
from pxedoctor.report.json import encode
from pxedoctor.report.json_schema import schema
from pxedoctor.report.style import Style
from pxedoctor.report.treatment import (
    history_document,
    render_history,
    render_left,
    render_refused,
    render_treated,
    render_undone,
    treated_document,
    undone_document,
    verified_by,
)
from pxedoctor.verdict.report import Diagnosed
from pxedoctor.verdict.treatment import Refusal, Treated, TreatmentOutcome
from report_builders import broken_report, likely_report, slow_host

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


@pytest.mark.parametrize("states", [[], ["done", "done"], ["undone", "undo-failed"]])
def test_the_history_as_json_is_one_object_of_the_schema(states: list[State]) -> None:
    document = json.loads(encode(history_document([entry(*states)] if states else [])))
    jsonschema.validate(document, json.loads(schema()))
    assert (document["type"], document["schema_version"]) == ("history", 1)
    told = [[step["state"] for step in treated["steps"]] for treated in document["entries"]]
    assert told == ([states] if states else [])


def test_refused() -> None:
    same_as_golden("fix-refused", render_refused((REFUSAL,), Style()))


def test_treated_as_json_tells_the_true_state() -> None:
    document = treated_document(treated("failed", "undo-failed", "doing"), (REFUSAL,))
    assert [step.state for step in document.plans[0].steps] == ["undo-failed", "failed"]
    assert document.unplanned == [f"{REFUSAL.finding}: {REFUSAL.because}"]


@pytest.mark.parametrize(("state", "outcome"), [("undone", "undone"), ("undo-failed", "failed")])
def test_undone_as_json(state: State, outcome: str) -> None:
    assert undone_document(entry("undone", state), "").outcome == outcome


def test_how_it_is_verified_is_told_before_and_afterwards() -> None:
    document = treated_document(treated("verified", "done", "done"), ())
    assert document.plans[0].verified_by == verified_by("BR001:br0", "", probed=False)
    assert "a probe's packet must be answered" in verified_by("BR001:br0", "", probed=True)
    assert "once what comes afterwards is done" in verified_by("BR001:br0", "shut it down", probed=True)


def test_what_was_found_besides_is_not_forgotten() -> None:
    assert "bridge-forward-delay (BR001)" in render_left((diagnosed().finding,), Style())
    assert render_left((), Style()) == ""
