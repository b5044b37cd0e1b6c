"""One look at a host: the same answer from its texts as from itself."""

import pytest

from builders import client
from pxedoctor.access.replay import Replay
from pxedoctor.care.examine import examine
from pxedoctor.diagnose.selection import Selection, SelectionError
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
