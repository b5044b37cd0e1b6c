"""How many faults and decoys ran, said at the end of every run."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ran = {"fault": 0, "decoy": 0}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for kind, _ in report.user_properties:
                ran[kind] = ran.get(kind, 0) + (1 if report.when == "call" else 0)
    if sum(ran.values()):
        terminalreporter.write_line(f"lab: {ran['fault']} faults and {ran['decoy']} decoys ran")
