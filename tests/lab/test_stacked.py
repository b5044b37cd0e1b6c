"""Pairs of faults on one site."""

import msgspec
import pytest

from pxedoctor.lab.stacked import PLACES, Stacked, cause_of, drawn, pairs, read, stack

pytestmark = pytest.mark.lab


def test_pairs_are_drawn_alike_from_one_seed_and_none_twice() -> None:
    some = [pair.name for pair in drawn(200, 8)]
    assert len(set(some)) == 200
    assert some == [pair.name for pair in drawn(200, 8)] != [pair.name for pair in drawn(200, 9)]


def test_every_place_on_the_road_is_of_a_cause_that_is_in_a_pair() -> None:
    assert {cause_of(case) for pair in pairs() for case in (pair.one, pair.other)} == set(PLACES)


def test_the_earlier_on_the_road_is_named_first_and_both_are_repaired() -> None:
    """A bridge that is down, and its server dead: fix is called twice."""
    pair = next(pair for pair in pairs() if {pair.one.name, pair.other.name} == {"dhcp-server-dead", "bridge-down"})
    row = stack(pair, seed=1)
    assert (row.trouble, row.stays, row.firsts, row.by_hand) == ("", True, ["bridge-down"], 0)
    assert row.right, row


def test_the_second_may_be_named_at_once_or_after_a_repair() -> None:
    row = Stacked(name="a + b", causes=["a", "b"], firsts=["a"], named=["a", "b"], stays=True, worked=True)
    assert row.both == "named"
    assert row.right
    row = msgspec.structs.replace(row, named=["a"], steps=["fix verified: a; then named: b"])
    assert row.both == "reached"
    assert row.right
    row = msgspec.structs.replace(row, steps=["fix verified: a; then named: nothing"])
    assert row.both == "never"
    assert not row.right


def test_the_record_leaves_out_pairs_that_are_none_any_more() -> None:
    rows = [Stacked(name="gone + gone too"), Stacked(name=pairs()[0].name)]
    assert [row.name for row in read(msgspec.json.Encoder().encode_lines(rows))] == [pairs()[0].name]
