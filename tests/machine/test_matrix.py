"""The table shows every cell, the ones that were not run too, and what failed in the runner's own words."""

from pxedoctor.lab.catalogue import cases
from pxedoctor.lab.machine.matrix import CASES, Ran, cells, table


def test_each_of_its_cases_is_one_of_the_labs() -> None:
    assert {case for case, _ in CASES} <= {case.name for case in cases()}


def test_what_was_not_run_is_said() -> None:
    first, *others = cells()
    rows = table((Ran(first, 61.4),)).splitlines()
    assert len(rows) == len(others) + 1
    assert rows[0].endswith("| as it should be | 61 s |")
    assert all("| not run |" in row for row in rows[1:])


def test_a_failure_keeps_its_words_and_the_tables_shape() -> None:
    row = table((Ran(cells()[0], 5.0, ("first named: ()", "a | b\nc")),)).splitlines()[0]
    assert "FAILED: first named: (); a \\| b c" in row
    assert row.replace("\\|", "").count("|") == 7
