"""Tries one case on a fresh site and judges it: six assertions for a fault, one for a decoy."""

import subprocess
import time
from collections.abc import Callable
from typing import TypeVar

import msgspec

from pxedoctor.lab.case import Breaks, Case
from pxedoctor.lab.elsewhere import said_elsewhere, unlike
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.machine.trying import try_in_machine
from pxedoctor.lab.picture import differs, take
from pxedoctor.lab.site import Site, SiteError, Told
from pxedoctor.report.json import NOTHING_TO_UNDO

Tell = Callable[[str], None]
_Result = TypeVar("_Result", "FaultResult", "DecoyResult")


class FaultResult(msgspec.Struct, kw_only=True):
    """The six assertions, in order: true, false, or null where it does not apply.

    `first` is the cause that was named first, as proven or as likely (`certainty`). Where pxedoctor has no repair that
    it carries out itself, `unmended` is its own reason; then the two of the repair are null, and `fails_again` is after
    a `fix` that must refuse and an `undo` that must have nothing to take back.
    """

    name: str
    expect: str
    first: str = ""
    certainty: str = ""
    healthy: bool | None = None
    fails_and_named: bool | None = None
    clears_on_model: bool | None = None
    healed: bool | None = None
    fails_again: bool | None = None
    restored: bool | None = None
    unmended: str = ""
    why_not: list[str] = []
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        repair = () if self.unmended else (self.clears_on_model, self.healed)
        return all((self.healthy, self.fails_and_named, *repair, self.fails_again, self.restored))


class DecoyResult(msgspec.Struct, kw_only=True):
    """`clean`, or `why_not`."""

    name: str
    clean: bool | None = None
    why_not: list[str] = []
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return self.clean is True


class Trial:
    """One fault on one site; each method is one assertion and says in `result.why_not` what was not as it should be."""

    def __init__(self, site: Site, case: Case, result: FaultResult, tell: Tell) -> None:
        self.site = site
        self.case = case
        self.result = result
        self.tell = tell
        self.first_snapshot: dict[str, str] = {}
        self.broken = Told(exit_code=0, document={"findings": []})

    def run(self) -> None:
        self.case.build(self.site)
        self.result.healthy = self._healthy()
        self.first_snapshot = self._snapshot()
        self.case.inject(self.site)
        self.result.fails_and_named = self._fails_and_named()
        if self.case.mended:
            self.result.clears_on_model = self._clears_on_model()
            self.result.healed = self._healed()
            self.result.fails_again = self._fails_again()
        else:
            self.result.fails_again = self._stays_as_it_is()
        self.case.heal(self.site)
        self.result.restored = self._restored()

    def _healthy(self) -> bool:
        self.tell("the healthy site")
        told = self._diagnosis()
        attempt = self.case.attempt(self.site)
        return all(
            [
                self._is(attempt.ok, f"the guest failed on the healthy site: {attempt.said}"),
                self._is(told.exit_code == 0, f"healthy site: exit {told.exit_code}, found {told.names()}"),
                self._is(set(told.names()) <= set(self.case.also), f"healthy site, found: {told.names()}"),
            ]
        )

    def _fails_and_named(self) -> bool:
        self.tell("broken")
        # This one as a person starts it; the others by the site's standby.
        told = self.broken = self.site.doctor_from_its_start("diagnose", *self.case.asked_with)
        differ = self._differs_elsewhere(told)
        attempt = self.case.attempt(self.site)
        found = told.document.get("findings", ())
        self.result.first, self.result.certainty = (found[0]["name"], found[0]["certainty"]) if found else ("", "")
        return all(
            [
                self._is(not attempt.ok, f"the guest succeeded although broken: {attempt.said}"),
                self._is(self.result.first == self.result.expect, f"first named: {told.names()}"),
                self._is(told.exit_code == (0 if self.case.risk else 1), f"broken site: exit {told.exit_code}"),
                self._is(not differ, "from a snapshot elsewhere, not the same: " + "\n".join(differ)),
            ]
        )

    def _differs_elsewhere(self, told: Told) -> list[str]:
        """A snapshot holds no packets: where a probe was asked for, the diagnosis without one is compared."""
        here = self.site.doctor("diagnose", *self.case.words) if self.case.probe else told
        return unlike(here, said_elsewhere(self.site, self.case.words))

    def _clears_on_model(self) -> bool:
        found = [f for f in self.broken.document["findings"] if f["name"] == self.result.expect]
        plan = found[0]["plan"] if found else None
        return self._is(plan is not None and plan["on_model"] in {"clears", "assumed"}, f"plan on the model: {plan}")

    def _healed(self) -> bool:
        self.tell("repaired")
        risky = ("--allow-risky",) if self.case.allow_risky else ()
        told = self._repair(*risky)
        outcome = told.document.get("outcome")
        attempt = self.case.attempt(self.site)
        left = self._diagnosis().names()
        return all(
            [
                self._is(outcome == "verified", f"fix --apply: {told.document}"),
                self._is(attempt.ok, f"the guest failed after the repair: {attempt.said}"),
                self._is(self.result.expect not in left, f"still found after the repair: {left}"),
            ]
        )

    def _fails_again(self) -> bool:
        self.tell("undone")
        # Only where it can take nothing back must undo change nothing.
        undos = self.broken.undos(self.result.expect)
        before = self._snapshot() if all(undo.startswith(NOTHING_TO_UNDO) for undo in undos) else {}
        told = self.site.doctor("undo")
        states = [step["state"] for plan in told.document.get("plans", ()) for step in plan["steps"]]
        if "undone" not in states:
            # Nothing has an inverse: undo must say so and change nothing, and the fault is made anew.
            due = self._is(bool(before), f"undo took nothing back of a repair that it can undo: {told.document}")
            unchanged = due and self._same(before, "undo with nothing to undo")
            self.case.heal(self.site)
            self.case.inject(self.site)
            attempt = self.case.attempt(self.site)
            return all([unchanged, self._is(not attempt.ok, f"injected anew, the guest succeeded: {attempt.said}")])
        attempt, found = self.case.attempt(self.site), self._diagnosis().names()
        # A step that stays, as its plan says, may have made another cause of it.
        again = bool(found) if "done" in states else self.result.expect in found
        return all(
            [
                self._is("undo-failed" not in states, f"undo: {told.document}"),
                self._is(not attempt.ok, f"the guest succeeded after undo: {attempt.said}"),
                self._is(again, f"not found again after undo: {found}"),
            ]
        )

    def _repair(self, *words: str) -> Told:
        return self.site.doctor("fix", *self.case.asked_with, "--only", self.result.expect, "--apply", "--yes", *words)

    def _stays_as_it_is(self) -> bool:
        """No repair: the reason is given, `fix --apply` refuses with exit status 1, and nothing is changed."""
        self.tell("not repaired")
        found = [f for f in self.broken.document["findings"] if f["name"] == self.result.expect]
        plan = found[0]["plan"] if found else None
        shown_only = plan is not None and plan["safety"] == "show-only"
        self.result.unmended = found[0]["no_plan_because"] or "it is only shown" if found else ""
        before = self._snapshot()
        told = self._repair()
        if self.case.probe and told.document.get("outcome") == "nothing-to-do":
            # A second server's offer may come later than a probe listens, on a busy machine: it is asked once more.
            told = self._repair()
        undone = self.site.doctor("undo")
        attempt = self.case.attempt(self.site)
        return all(
            [
                self._is(plan is None or shown_only, f"a repair is offered although there should be none: {plan}"),
                self._is(bool(self.result.unmended), "no reason is given why there is no repair"),
                self._is(
                    told.exit_code == (0 if self.case.risk else 1), f"fix --apply: {told.exit_code}, {told.document}"
                ),
                self._is(not undone.document.get("plans"), f"undo: {undone.document}"),
                self._same(before, "after fix and undo"),
                self._is(not attempt.ok, f"the guest succeeded although nothing was repaired: {attempt.said}"),
            ]
        )

    def _restored(self) -> bool:
        self.tell("healed by hand")
        return self._same(self.first_snapshot, "after heal")

    def _diagnosis(self) -> Told:
        return self.site.doctor("diagnose", *self.case.asked_with)

    def _snapshot(self) -> dict[str, str]:
        return take(self.site)

    def _same(self, before: dict[str, str], when: str) -> bool:
        differ = differs(self.site, before)
        return self._is(not differ, f"{when}, not as before: " + "\n".join(differ))

    def _is(self, true: bool, otherwise: str) -> bool:
        if not true:
            self.result.why_not.append(otherwise)
        return true


def run_fault(case: Case, tell: Tell) -> FaultResult:
    """On a fresh site, or in a whole machine where that is the case's ground."""
    if case.ground == "machine":
        return _in_machine(case, FaultResult, tell)
    with open_site() as site:
        return fault_on(site, case, tell)


def run_decoy(case: Case, tell: Tell) -> DecoyResult:
    """As run_fault. Clean: the guest succeeds, nothing is found (but the risks the case names), exit 0."""
    if case.ground == "machine":
        return _in_machine(case, DecoyResult, tell)
    with open_site() as site:
        return decoy_on(site, case, tell)


def fault_on(site: Site, case: Case, tell: Tell) -> FaultResult:
    expect = case.expect.cause if isinstance(case.expect, Breaks) else ""
    result = FaultResult(name=case.name, expect=expect, why_not=[])
    started = time.monotonic()
    try:
        Trial(site, case, result, tell).run()
    except (SiteError, subprocess.TimeoutExpired) as error:
        result.healthy = bool(result.healthy)
        result.why_not.append(f"the site itself failed: {error}")
    result.seconds = round(time.monotonic() - started, 1)
    return result


def decoy_on(site: Site, case: Case, tell: Tell) -> DecoyResult:
    result = DecoyResult(name=case.name, why_not=[])
    started = time.monotonic()
    tell("looks wrong")
    try:
        result.why_not.extend(_unclean(site, case))
    except (SiteError, subprocess.TimeoutExpired) as error:
        result.why_not.append(f"the site itself failed: {error}")
    result.clean = not result.why_not
    result.seconds = round(time.monotonic() - started, 1)
    return result


def _in_machine(case: Case, kind: type[_Result], tell: Tell) -> _Result:
    started = time.monotonic()
    result = msgspec.json.decode(try_in_machine(case.name, tell, case.release), type=kind)
    result.seconds = round(time.monotonic() - started, 1)
    return result


def _unclean(site: Site, case: Case) -> list[str]:
    case.build(site)
    case.inject(site)
    told = site.doctor("diagnose", *case.asked_with)
    attempt = case.attempt(site)
    found = [name for name in told.names() if name not in case.also]
    words = [] if attempt.ok else [f"the guest failed: {attempt.said}"]
    if found or told.exit_code != 0:
        words.append(f"exit {told.exit_code}, found {found}, unknown {told.document.get('unknown')}")
    return words
