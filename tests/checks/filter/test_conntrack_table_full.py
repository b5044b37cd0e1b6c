"""conntrack-table-full: the count against the limit, and where the limit can be raised."""

import pytest

from builders import facts, finding, target
from pxedoctor.checks.filter import conntrack_table_full as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable
from pxedoctor.model.log import LogLine
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts
from pxedoctor.plans.file import ChangeFile
from pxedoctor.plans.plan import NoPlan, Plan, simulate

COUNT, MAX = "net/netfilter/nf_conntrack_count", "net/netfilter/nf_conntrack_max"
FULL_LINE = "kernel: nf_conntrack: nf_conntrack: table full, dropping packet"


def counted(count: int, most: int = 262144, **others: object) -> Facts:
    return facts(sysctls={COUNT: str(count), MAX: str(most), "net/nf_conntrack_max": str(most)}, **others)


def test_a_full_table_drops_the_discover() -> None:
    outcome = check.check(counted(262144), target())
    assert isinstance(outcome, Broken)
    assert outcome.severity == "broken"
    assert (outcome.evidence[0].origin, outcome.evidence[0].value) == (f"/proc/sys/{COUNT}", "262144")


def test_the_kernels_own_words_are_evidence() -> None:
    outcome = check.check(counted(262144, logs=(LogLine(origin="/var/log/syslog", text=FULL_LINE),)), target())
    assert isinstance(outcome, Broken)
    assert outcome.evidence[-1].value == FULL_LINE


@pytest.mark.parametrize(("count", "severity"), [(240_000, "risk"), (262_143, "risk"), (300_000, "broken")])
def test_a_nearly_full_one_is_a_risk(count: int, severity: str) -> None:
    outcome = check.check(counted(count), target())
    assert isinstance(outcome, Broken)
    assert outcome.severity == severity


@pytest.mark.parametrize("count", [0, 131_072, 235_929])
def test_room_is_fine_and_says_no_number_that_moves(count: int) -> None:
    assert check.check(counted(count), target()) == Fine("the kernel's table of connections has room")


@pytest.mark.parametrize("sysctls", [{}, {MAX: "262144"}, {COUNT: "1", MAX: "0"}, {COUNT: "x", MAX: "262144"}])
def test_a_host_that_tracks_nothing_cannot_be_full(sysctls: dict[str, str]) -> None:
    assert isinstance(check.check(facts(sysctls=sysctls), target()), NotApplicable)


def test_the_limit_is_raised_fourfold() -> None:
    full = counted(262144)
    plan = check.plan(finding(check, check.check(full, target())), full)
    assert isinstance(plan, Plan)
    after, assumed = simulate(plan, full.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), target()), Fine)


def test_it_stays_so_by_a_rule_of_udevs() -> None:
    udev = Process(pid=2, parent=1, state="S", name="systemd-udevd", command="")
    full = counted(262144, processes=(udev,))
    plan = check.plan(finding(check, check.check(full, target())), full)
    assert isinstance(plan, Plan)
    kept = plan.steps[1]
    assert isinstance(kept, ChangeFile)
    assert 'KERNEL=="nf_conntrack", RUN+="/usr/bin/env sysctl -w net/netfilter/nf_conntrack_max=1048576"' in (
        kept.change.after
    )


def test_inside_a_namespace_nobody_can_raise_it() -> None:
    inside = facts(sysctls={COUNT: "262144", MAX: "262144"})
    plan = check.plan(finding(check, check.check(inside, target())), inside)
    assert isinstance(plan, NoPlan)
    assert plan.instead[0] == "on the host outside: sysctl -w net/netfilter/nf_conntrack_max=1048576"
