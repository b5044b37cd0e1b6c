"""All cases, found through the list of checks: a cause's cases are in lab/faults/<stage>/<name>.py."""

import importlib

from pxedoctor.checks import CHECKS
from pxedoctor.checks.check import Check
from pxedoctor.lab.case import Breaks, Case


def module_of(check: Check) -> str:
    return f"pxedoctor.lab.faults.{check.META.stage.value.replace('-', '_')}.{check.META.name.replace('-', '_')}"


def cases() -> tuple[Case, ...]:
    return tuple(case for check in CHECKS for case in cases_of(check))


def cases_of(check: Check) -> tuple[Case, ...]:
    found: tuple[Case, ...] = importlib.import_module(module_of(check)).CASES
    return found


def faults() -> tuple[Case, ...]:
    return tuple(case for case in cases() if isinstance(case.expect, Breaks))


def decoys() -> tuple[Case, ...]:
    return tuple(case for case in cases() if not isinstance(case.expect, Breaks))


def light(cases: tuple[Case, ...]) -> tuple[Case, ...]:
    """Those with a light guest on a site: seconds each."""
    return tuple(case for case in cases if not case.firmware and case.ground == "namespace")


def firmware(cases: tuple[Case, ...]) -> tuple[Case, ...]:
    """Those with a real guest, QEMU with SeaBIOS and iPXE: a minute each."""
    return tuple(case for case in cases if case.firmware and case.ground == "namespace")


def in_machines(cases: tuple[Case, ...]) -> tuple[Case, ...]:
    """Those that need another kernel, or systemd: each in a copy of a whole machine."""
    return tuple(case for case in cases if case.ground == "machine")
