"""guest-memory-too-small: the guest's memory, and the size of the boot file on disk or as a server told it."""

import msgspec
import pytest

from boot_hosts import LOADER, known, names, served, web01
from builders import GUEST, facts, finding, probed, target, with_probes
from pxedoctor.checks.guest import guest_memory_too_small as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.observation import SeenFetch
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan

MIB = 1 << 20


def host(size: int | None, memory: int | None = 64 * MIB, **guest: object) -> Facts:
    file = msgspec.structs.replace(served("boot.0", LOADER), size=size)
    return known(names(), file, memory=memory, **guest)


def outcome(size: int | None, memory: int | None = 64 * MIB, **guest: object) -> Outcome:
    return check.check(host(size, memory, **guest), web01())


@pytest.mark.parametrize("size", [64 * MIB, 300 * MIB])
def test_the_file_alone_is_as_large_as_the_memory(size: int) -> None:
    found = outcome(size)
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty) == ("broken", "proven")
    assert [entry.value for entry in found.evidence] == [f"{64 * MIB} bytes", f"{size} bytes"]
    assert "64 MiB" in found.headline


def test_after_another_device_it_is_a_risk() -> None:
    found = outcome(300 * MIB, boot=("hd", "network"))
    assert isinstance(found, Broken)
    assert found.severity == "risk"


def test_a_small_file() -> None:
    assert isinstance(outcome(90_000), Fine)
    assert isinstance(outcome(32 * MIB - 1), Fine)


def test_where_it_depends_on_what_else_is_there() -> None:
    assert isinstance(outcome(32 * MIB), Unknown)
    assert isinstance(outcome(64 * MIB - 1), Unknown)


def test_sizes_that_are_not_known() -> None:
    assert isinstance(outcome(None), Unknown)
    assert isinstance(outcome(90_000, None), Unknown)


def test_as_a_server_told_a_probe() -> None:
    fetch = SeenFetch(
        at=1,
        seconds=0.1,
        url="http://203.0.113.9/boot",
        outcome="fetched",
        why="",
        received=4096,
        size=300 * MIB,
        first=LOADER,
    )
    elsewhere = known(names("http://203.0.113.9/boot"), memory=64 * MIB)
    seen = with_probes(elsewhere, probed(profile="ipxe", architecture=0, fetch=True, fetches=(fetch,)))
    assert isinstance(check.check(elsewhere, web01()), NotApplicable)
    assert isinstance(check.check(seen, web01()), Broken)


def test_it_is_not_asked() -> None:
    assert isinstance(outcome(300 * MIB, boot=("hd",)), NotApplicable)
    tap = target(id="tap/vnet3", kind="tap", guest=None, mac=None)
    assert isinstance(check.check(facts(), tap), NotApplicable)


def test_there_is_no_plan() -> None:
    planned = check.plan(finding(check, outcome(300 * MIB)), host(300 * MIB))
    assert isinstance(planned, NoPlan)
    assert GUEST in planned.instead[0]
