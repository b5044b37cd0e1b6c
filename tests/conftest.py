"""How many faults and decoys ran, and what real guests said, told at the end of every run.

A test that was skipped, or expected to fail, proves nothing: the run fails and says which.
"""

import itertools
import os

import pytest
from hypothesis import settings

# A machine under load is slow, not wrong. The same examples each time: what a commit did not break does not fail on it.
settings.register_profile("house", deadline=None, derandomize=True, max_examples=50)
# New examples each time, and many more of them: `make fuzz`.
settings.register_profile("fuzz", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("PXEDOCTOR_EXAMPLES", "house"))

# They boot real firmware as well, to record what it says.
_CAPTURES = "wire/test_captures.py::test_the_programs_that_are_here_say_the_same["
_CASES = frozenset({"fault", "decoy"})
_NOT_RUN = ("skipped", "xfailed", "xpassed")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who works (guests with firmware, and faults) stands evenly among who waits, so that no core waits with them.

    Guests boot for minutes and come first of theirs; none of either is among the last, so that no worker ends late.
    """
    firmware = [item for item in items if item.get_closest_marker("firmware") or _CAPTURES in item.nodeid]
    faults = [item for item in items if "lab/test_cases.py::test_fault[" in item.nodeid]
    pairs = itertools.zip_longest(firmware, faults)
    working = [item for pair in pairs for item in pair if item is not None]
    works = set(working)
    waiting = [item for item in items if item not in works]
    items[:] = among(working, waiting)


def among(working: list[pytest.Item], waiting: list[pytest.Item]) -> list[pytest.Item]:
    """All of both, each in its order: the last tenth of `waiting` behind everything, the rest between `working`."""
    between = len(waiting) * 9 // 10
    mixed: list[pytest.Item] = []
    taken = 0
    for number, item in enumerate(working, 1):
        until = between * number // len(working)
        mixed += [item, *waiting[taken:until]]
        taken = until
    return [*mixed, *waiting[taken:]]


def _not_run(config: pytest.Config) -> list[str]:
    """The tests that did not really run, with the reason. A worker of xdist has no reporter: its controller tells."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reports = [report for outcome in _NOT_RUN for report in reporter.getreports(outcome)] if reporter else []
    return [f"{report.nodeid}: {report.outcome}: {report.longrepr}" for report in reports]


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _not_run(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    told = [entry for report in reports if report.when == "call" for entry in report.user_properties]
    for words in (value for kind, value in told if kind == "words"):
        terminalreporter.section("a real guest's serial line", sep="-")
        terminalreporter.write_line(str(words))
    ran = [kind for kind, _ in told]
    if not _CASES.isdisjoint(ran):
        terminalreporter.write_line(f"lab: {ran.count('fault')} faults and {ran.count('decoy')} decoys ran")
        # Only here: a worker, which tells nothing, would read the lab for it.
        from shares import share_of_the_matrix

        terminalreporter.write_line(share_of_the_matrix({str(name) for kind, name in told if kind in _CASES}))
    for words in _not_run(terminalreporter.config):
        terminalreporter.write_line(f"FAILED, because it was not run: {words}", red=True)
