"""neighbour-table-overflow: entries against the limit, where the kernel has refused some."""

import pytest

from builders import bridge, facts, finding, link, target
from pxedoctor.checks.uplink import neighbour_table_overflow as check
from pxedoctor.findings.outcome import Broken, Fine, Leg, NotApplicable
from pxedoctor.model.link import Address
from pxedoctor.model.log import LogLine
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan, simulate

LIMITS = {
    f"net/{family}/neigh/default/gc_thresh{number}": value
    for family in ("ipv4", "ipv6")
    for number, value in ((1, "128"), (2, "512"), (3, "1024"))
}
SERVER = Process(
    pid=7, parent=1, state="S", name="dnsmasq", command="dnsmasq --interface=br0 --dhcp-range=10.0.0.2,10.0.0.9"
)
# Made of the format in net/core/neighbour.c, neigh_alloc, as journalctl shows it.
LINE = "2026-11-26T05:12:01+0000 h kernel: neighbour: arp_cache: neighbor table overflow!"


def counted(entries: int, refused: int = 3, table: str = "arp_cache", **more: object) -> Facts:
    own = (Address(family="inet", address="10.0.0.1", prefix=24),)
    values: dict[str, object] = {
        "sysctls": LIMITS,
        "kernel_counters": {f"{table} entries": entries, f"{table} table_fulls": refused},
        "links": (link("br0", kind="bridge", addresses=own),),
        "bridges": (bridge(),),
        "processes": (SERVER,),
        "sockets": (),
    }
    return facts(**(values | more))


@pytest.mark.parametrize(("table", "title"), [("arp_cache", "IPv4"), ("ndisc_cache", "IPv6")])
def test_a_full_table_ends_the_answer(table: str, title: str) -> None:
    found = check.check(counted(1024, table=table), target())
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty, found.leg, found.subject) == ("broken", "proven", Leg.ANSWER, table)
    assert found.headline == (
        f"The kernel's table of {title} neighbours is full: to a guest that it does not know yet this host sends "
        "nothing."
    )


def test_the_kernels_own_words_are_evidence() -> None:
    found = check.check(counted(1024, logs=(LogLine(origin="journalctl --boot", text=LINE),)), target())
    assert isinstance(found, Broken)
    assert found.evidence[-1].value == LINE


@pytest.mark.parametrize(("entries", "severity"), [(922, "risk"), (1023, "risk"), (1100, "broken")])
def test_a_nearly_full_one_is_a_risk(entries: int, severity: str) -> None:
    found = check.check(counted(entries), target())
    assert isinstance(found, Broken)
    assert found.severity == severity


@pytest.mark.parametrize(("entries", "refused"), [(0, 0), (921, 4), (1024, 0), (5000, 0)])
def test_room_is_fine_and_so_is_a_table_that_has_refused_nobody(entries: int, refused: int) -> None:
    """Permanent entries are counted, and do not come under the limit."""
    assert check.check(counted(entries, refused), target()) == Fine("the kernel's tables of neighbours have room")


@pytest.mark.parametrize(
    "host_facts",
    [
        pytest.param(counted(1024, processes=()), id="another machine serves: a bridge needs no neighbours"),
        pytest.param(counted(1024, kernel_counters={}), id="in a network namespace of its own"),
        pytest.param(counted(1024, sysctls={}), id="no limit was read"),
        pytest.param(counted(1024, sysctls=dict.fromkeys(LIMITS, "0")), id="a limit that is none"),
    ],
)
def test_not_applicable(host_facts: Facts) -> None:
    assert isinstance(check.check(host_facts, target()), NotApplicable)


def test_all_three_thresholds_are_raised_fourfold_the_limit_first() -> None:
    full = counted(1024)
    plan = check.plan(finding(check, check.check(full, target())), full)
    assert isinstance(plan, Plan)
    assert [" ".join(step.argv()[2:]) for step in plan.steps] == [
        "net/ipv4/neigh/default/gc_thresh3=4096",
        "net/ipv4/neigh/default/gc_thresh2=2048",
        "net/ipv4/neigh/default/gc_thresh1=512",
    ]
    after, assumed = simulate(plan, full.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), target()), Fine)


def test_without_the_limit_there_is_no_plan() -> None:
    full = counted(1024)
    found = finding(check, check.check(full, target()))
    assert isinstance(check.plan(found, counted(1024, sysctls={})), NoPlan)
