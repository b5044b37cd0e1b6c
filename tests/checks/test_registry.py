"""A cause is four files: the check, its line in CHECKS, its test, its fault. What is missing is said in plain words."""

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

import pxedoctor.checks
import pxedoctor.lab.faults
from pxedoctor.checks import CHECKS
from pxedoctor.checks.check import Check
from pxedoctor.cli.naming import causes
from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.model.host import Host
from pxedoctor.report.catalogue import Cause
from pxedoctor.report.explanation import explanation

ROOT = Path(__file__).resolve().parents[2]
NOT_CHECKS = {"check", "opened"}
# What a check may leave its plan to: each gives a Plan or a NoPlan.
GIVE_EITHER = {"opened", "in_base_chain", "by_the_guests"}
each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.META.name)


def module(check: Check) -> ModuleType:
    assert inspect.ismodule(check), f"{check!r} in CHECKS is no module"
    return check


def place(check: Check) -> str:
    """`bridge/bridge_forward_delay`: the same in checks/, tests/checks/ and lab/faults/."""
    return f"{check.META.stage.value.replace('-', '_')}/{check.META.name.replace('-', '_')}"


def test_file(check: Check) -> Path:
    stage, name = place(check).split("/")
    return ROOT / "tests" / "checks" / stage / f"test_{name}.py"


test_file.__test__ = False  # type: ignore[attr-defined]


def cases(check: Check) -> tuple[Case, ...]:
    name = f"pxedoctor.lab.faults.{place(check).replace('/', '.')}"
    try:
        found: tuple[Case, ...] = importlib.import_module(name).CASES
    except ModuleNotFoundError:
        pytest.fail(
            f"src/pxedoctor/lab/faults/{place(check)}.py is missing: the faults and decoys of {check.META.name}"
        )
    return found


def leaves(package: ModuleType) -> set[str]:
    """`bridge/bridge_forward_delay` for every module two levels below a package."""
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    names = {info.name.removeprefix(f"{package.__name__}.") for info in found if not info.ispkg}
    return {name.replace(".", "/") for name in names} - NOT_CHECKS


@each_check
def test_the_check_is_in_its_place(check: Check) -> None:
    meta = check.META
    stands = module(check).__name__.removeprefix("pxedoctor.checks.").replace(".", "/")
    assert stands == place(check), (
        f"checks/{stands}.py is {meta.name} of stage {meta.stage}: then it belongs to checks/{place(check)}.py"
    )


@each_check
def test_the_check_has_a_test(check: Check) -> None:
    path = test_file(check)
    assert path.exists(), f"{path.relative_to(ROOT)} is missing: the test of {check.META.name}"
    text = path.read_text(encoding="utf-8")
    for outcome in ("Broken", "Fine"):
        assert outcome in text, f"{path.relative_to(ROOT)} has no test in which {check.META.name} is {outcome}"


@each_check
def test_the_check_has_a_fault_and_a_decoy(check: Check) -> None:
    name = check.META.name
    found = cases(check)
    breaks = [case.name for case in found if case.expect == Breaks(name)]
    decoys = [case.name for case in found if isinstance(case.expect, Passes)]
    assert breaks, f"lab/faults/{place(check)}.py has no fault: a Case with expect=Breaks({name!r})"
    assert decoys, f"lab/faults/{place(check)}.py has no decoy: a Case that looks wrong, with expect=Passes()"


def test_nothing_is_in_the_folders_that_is_not_in_the_list() -> None:
    listed = {place(check) for check in CHECKS}
    for package in (pxedoctor.checks, pxedoctor.lab.faults):
        extra = leaves(package) - listed
        where = package.__name__.replace(".", "/")
        assert not extra, f"{where} holds {sorted(extra)}, of which checks/__init__.py (CHECKS) knows nothing"
    tests = {
        f"{path.parent.name}/{path.stem.removeprefix('test_')}" for path in (ROOT / "tests/checks").glob("*/test_*.py")
    }
    assert not tests - listed, f"tests/checks holds tests of {sorted(tests - listed)}, which are not in CHECKS"


def test_codes_and_names_are_given_once() -> None:
    codes = [check.META.code for check in CHECKS]
    names = [name for check in CHECKS for name in (check.META.name, *check.META.aliases)]
    assert len(set(codes)) == len(codes), f"two causes have one code: {sorted(codes)}"
    assert len(set(names)) == len(names), f"two causes have one name or alias: {sorted(names)}"


def test_names_of_cases_are_given_once() -> None:
    names = [case.name for check in CHECKS for case in cases(check)]
    twice = sorted({name for name in names if names.count(name) > 1})
    assert not twice, f"two lab cases have one name: {twice}"


@each_check
def test_the_shared_list_of_causes_has_it(check: Check) -> None:
    row = f"| {check.META.code} | [{check.META.name}]("
    text = (ROOT / "docs" / "causes.md").read_text(encoding="utf-8")
    help_words = "run .venv/bin/python scripts/generate_docs.py --write"
    assert row in text, f"docs/causes.md has no row for {check.META.code} {check.META.name}: {help_words}"


def test_list_and_explain_tell_what_the_checks_say() -> None:
    """They read a file that is made of the checks, and import none."""
    help_words = "run .venv/bin/python scripts/generate_docs.py --write"
    assert [listed(cause) for cause in causes()] == [listed(check) for check in CHECKS], help_words


def listed(cause: Cause) -> tuple[str, str, str, str, tuple[str, ...], str | None]:
    told = cause.META
    return told.code, told.name, told.stage, told.fix, told.aliases, cause.__doc__


@each_check
def test_the_docstring_has_its_headings(check: Check) -> None:
    told = explanation(check)  # raises, saying which heading is missing, misplaced or empty
    assert told.title.endswith("."), f"the first line of {check.META.name} is no sentence: {told.title!r}"


@each_check
def test_needs_are_facts(check: Check) -> None:
    fields = {field.name for field in msgspec.structs.fields(Host)}
    unknown = set(check.META.needs) - fields
    assert not unknown, f"{check.META.name} needs {sorted(unknown)}; Host has {sorted(fields)}"


def called(check: Check) -> set[str]:
    """The names that a check's file calls, e.g. Plan, NoPlan."""
    calls = (node.func for node in ast.walk(ast.parse(inspect.getsource(module(check)))) if isinstance(node, ast.Call))
    return {call.id for call in calls if isinstance(call, ast.Name)}


@each_check
def test_fix_availability_is_what_plan_can_give(check: Check) -> None:
    name, fix, calls = check.META.name, check.META.fix, called(check)
    if calls & GIVE_EITHER and fix != "always":
        calls |= {"Plan", "NoPlan"}
    can = {"always": {"Plan"}, "sometimes": {"Plan", "NoPlan"}, "never": {"NoPlan"}}[fix]
    assert {"Plan", "NoPlan"} & calls == can, (
        f"META of {name} says fix={fix!r}, but its file makes {sorted(calls & {'Plan', 'NoPlan'})}"
    )


@each_check
def test_explains_names_causes(check: Check) -> None:
    names = {other.META.name for other in CHECKS}
    unknown = set(check.META.explains) - names
    assert not unknown, f"{check.META.name} explains {sorted(unknown)}, which is no cause in CHECKS"
