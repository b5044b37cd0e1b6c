"""How many faults and decoys ran, and what real guests said, told at the end of every run."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    told = [entry for report in reports if report.when == "call" for entry in report.user_properties]
    for words in (value for kind, value in told if kind == "words"):
        terminalreporter.section("a real guest's serial line", sep="-")
        terminalreporter.write_line(str(words))
    ran = [kind for kind, _ in told]
    if "fault" in ran or "decoy" in ran:
        terminalreporter.write_line(f"lab: {ran.count('fault')} faults and {ran.count('decoy')} decoys ran")
