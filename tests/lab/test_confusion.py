"""What is noted of one host, and that a wrong answer is noted as one."""

import msgspec
import pytest

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.confusion import Seen, missing, observe, observed, read
from pxedoctor.lab.zoo import MANAGERS

pytestmark = pytest.mark.lab


def fault(name: str) -> Case:
    return next(case for case in observed() if case.name == name)


def test_a_fault_that_is_named_first_is_on_the_diagonal() -> None:
    seen = observe(fault("bridge-down"), seed=1)
    assert (seen.kind, seen.first, seen.worked, seen.trouble) == ("fault", "bridge-down", False, "")
    assert seen.made
    assert seen.right


def test_a_fault_taken_for_healthy_is_a_false_alarm_and_no_healthy_host() -> None:
    seen = observe(msgspec.structs.replace(fault("bridge-down"), expect=Passes()), seed=1)
    assert (seen.kind, seen.worked, seen.made, seen.right) == ("decoy", False, False, False)


def test_another_cause_named_first_is_not_right() -> None:
    seen = Seen(kind="fault", name="a", cause="x", named=["y", "x"], worked=False)
    assert seen.made
    assert not seen.right
    assert not Seen(kind="fault", name="a", cause="x", named=["x"], worked=True).made


def test_a_risk_that_the_case_allows_is_no_alarm() -> None:
    assert Seen(kind="decoy", name="a", named=["x"], allowed=["x"], exit_code=0, worked=True).right
    assert not Seen(kind="decoy", name="a", named=["x"], exit_code=0, worked=True).right


def test_the_record_is_in_the_order_of_the_lab_and_the_later_line_counts() -> None:
    first, second = (case for case in observed()[:2])
    assert isinstance(first.expect, Breaks)
    rows = [Seen(kind="zoo", name="ufw, nat, bios")]
    rows += [Seen(kind="fault", name=name, cause="x") for name in (second.name, first.name)]
    rows += [Seen(kind="fault", name=first.name, cause="y"), Seen(kind="decoy", name="gone")]
    kept = read(msgspec.json.Encoder().encode_lines(rows))
    assert [row.name for row in kept] == [first.name, second.name, "ufw, nat, bios"]
    assert kept[0].cause == "y"
    lacks = missing(kept)
    assert "ufw" not in lacks
    assert first.name not in lacks
    assert len(lacks) == len(observed()) - 2 + len(MANAGERS) - 1
