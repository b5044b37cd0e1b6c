"""Files of shell variables: what is plainly written is read, and anything cleverer is known to be so."""

import pytest

from pxedoctor.plans.owners.shell import is_clever, value, with_value


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A=1", "1"),
        ("A='1 2'", "1 2"),
        ('export A="1" # x', "1"),
        ("A=", ""),
        ("#A=1", None),
        ("BA=1", None),
        ("A=1; B=2", None),
    ],
)
def test_value(line: str, expected: str | None) -> None:
    assert value(f"{line}\n", "A") == expected


@pytest.mark.parametrize("line", ["A=$B", "A=`x`", "A='1\n2'", "true && A=1", "A=1;", 'A="a\\"b"'])
def test_clever(line: str) -> None:
    assert is_clever(f"{line}\n", "A")
    assert with_value(f"{line}\n", "A", "2", "A") is None


def test_the_last_one_counts_and_is_changed() -> None:
    assert value("A=1\nA=2\n", "A") == "2"
    assert with_value("A=1\nA='2' # b\n", "A", "3", "A") == "A=1\nA='3' # b\n"
    assert with_value("B='x'\n", "A", "3", "B") == "B='x'\nA='3'\n"
    assert with_value("C=1\n", "A", "3", "B") is None
