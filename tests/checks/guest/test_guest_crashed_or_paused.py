"""guest-crashed-or-paused: a guest that libvirt calls running, and in which nothing runs."""

import msgspec
import pytest

from builders import GUEST, domain, facts, finding, nic, target
from pxedoctor.checks.guest import guest_crashed_or_paused as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.libvirt import Domain
from pxedoctor.model.target import Facts
from pxedoctor.plans.guest_state import ResumeGuest
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety


def guest(state: str, reason: str, job: str = "") -> Domain:
    return domain(nic(tap="vnet0"), running=True, state=state, reason=reason, job=job)


def outcome(entry: Domain) -> Outcome:
    return check.check(facts(domains=(entry,)), target())


@pytest.mark.parametrize(
    ("state", "reason", "word"),
    [
        ("paused", "user", "paused (user)"),
        ("paused", "migration", "paused (migration)"),
        ("paused", "from snapshot", "paused (from snapshot)"),
        ("paused", "ioerror", "its disk cannot be read or written"),
        ("paused", "watchdog", "its watchdog"),
        ("paused", "post-copy failed", "on another host"),
        ("crashed", "panicked", "crashed"),
        ("pmsuspended", "unknown", "asleep"),
    ],
)
def test_nothing_runs_in_it(state: str, reason: str, word: str) -> None:
    found = outcome(guest(state, reason))
    assert isinstance(found, Broken)
    assert word in found.headline
    assert (found.severity, found.certainty, found.subject) == ("broken", "proven", GUEST)
    assert found.evidence[0].value == f"{state} ({reason})"


@pytest.mark.parametrize("reason", ["booted", "unpaused", "migrated", "restored"])
def test_it_runs(reason: str) -> None:
    assert isinstance(outcome(guest("running", reason)), Fine)


@pytest.mark.parametrize(
    "passing",
    [
        guest("paused", "starting up"),
        guest("paused", "post-copy"),
        guest("paused", "migration", job="migration out"),
        guest("paused", "save", job="save"),
        guest("paused", "snapshot", job="snapshot"),
    ],
    ids=lambda entry: entry.reason,
)
def test_a_pause_that_ends_by_itself(passing: Domain) -> None:
    found = outcome(passing)
    assert isinstance(found, Unknown)
    assert not found.on_road


def test_what_only_a_definition_tells() -> None:
    """virsh dumpxml, which is all that a plain user gets, says that it runs and not how."""
    assert isinstance(outcome(guest("running", "")), Unknown)


def test_a_guest_that_is_off() -> None:
    assert isinstance(outcome(domain()), NotApplicable)


def test_a_tap_of_nobodys() -> None:
    tap = target(id="tap/vnet3", kind="tap", guest=None, mac=None)
    assert isinstance(check.check(facts(), tap), NotApplicable)


def test_who_is_paused_is_resumed_and_runs_on_the_model() -> None:
    known = facts(domains=(guest("paused", "user"),))
    planned = check.plan(finding(check, check.check(known, target())), known)
    assert isinstance(planned, Plan)
    assert planned.steps == (ResumeGuest(domain=GUEST),)
    assert planned.safety is Safety.RISKY
    after, assumed = simulate(planned, known.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), target()), Fine)


@pytest.mark.parametrize(
    ("state", "reason", "instead"),
    [
        ("paused", "ioerror", "domblkerror"),
        ("paused", "panicked", "virsh reset"),
        ("crashed", "panicked", "virsh reset"),
        ("pmsuspended", "unknown", "dompmwakeup"),
    ],
)
def test_what_a_resume_does_not_mend_is_for_a_person(state: str, reason: str, instead: str) -> None:
    known = facts(domains=(guest(state, reason),))
    planned = check.plan(finding(check, check.check(known, target())), known)
    assert isinstance(planned, NoPlan)
    assert instead in planned.instead[0]


def test_a_guest_that_has_gone_meanwhile() -> None:
    known = facts(domains=(guest("paused", "user"),))
    found = finding(check, check.check(known, target()))
    gone = msgspec.structs.replace(known.host, domains=())
    assert isinstance(check.plan(found, Facts(host=gone)), NoPlan)
