"""One look at a host: the same answer from its texts as from itself."""

from pathlib import Path

import pytest

from builders import client
from pxedoctor.access.replay import Replay
from pxedoctor.access.snapshot import read
from pxedoctor.care.examine import Examined, examine
from pxedoctor.checks import CHECKS, Check
from pxedoctor.diagnose.selection import Selection, SelectionError
from pxedoctor.report.planned import nothing_because, verdict_of_nothing
from pxedoctor.verdict.report import Verdict
from recorded import BRIDGE, TAP, running_guest

TIME = "2024-01-01T00:00:00Z"


def test_a_recorded_host_is_diagnosed() -> None:
    """web01 started a second before: its port listens, and iPXE gives up before it forwards."""
    examined = examine(Replay(running_guest()), Selection(guests=("web01",)), TIME)
    report = examined.report
    assert (report.hostname, report.collected_at) == ("site-0d0d", TIME)
    (entry,) = report.targets
    assert (entry.target.bridge, entry.target.tap, entry.target.client) == (BRIDGE, TAP, client("ipxe"))
    assert entry.verdict is Verdict.BROKEN
    first = report.findings[0].finding
    assert (first.name, first.broken.severity) == ("bridge-forward-delay", "broken")


def test_its_answers_are_its_texts() -> None:
    examined = examine(Replay(running_guest()), Selection(), TIME)
    again = examine(Replay(examined.answers), Selection(), TIME)
    assert again.report == examined.report


def test_what_is_not_there() -> None:
    with pytest.raises(SelectionError):
        examine(Replay(running_guest()), Selection(guests=("nobody",)), TIME)


@pytest.fixture(scope="module")
def healthy() -> Examined:
    """A host of the lab's, with libvirt's network and a guest that gets its address."""
    saved = read(str(Path(__file__).parent / "data" / "libvirt-rules-missing.healthy.snapshot"))
    return examine(Replay(saved.answers), Selection(), TIME)


@pytest.mark.parametrize("check", [None, *CHECKS], ids=lambda check: check.META.name if check else "all")
def test_a_plan_on_a_healthy_host_is_empty_and_says_why(healthy: Examined, check: Check | None) -> None:
    """Of every cause alone, and of all together."""
    meta = check.META if check else None
    assert [found for found in healthy.report.findings if meta in {None, found.finding.meta}] == []
    because = nothing_because(healthy.report, meta)
    assert because == f"{meta.name} was not found" if meta else "none found" in because
    assert verdict_of_nothing(healthy.report, meta) is Verdict.HEALTHY
