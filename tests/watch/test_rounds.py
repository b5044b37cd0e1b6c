"""Everything is looked at now and then although nothing was heard, and seldom where that is dear."""

from pxedoctor.watch.rounds import Rounds


def test_a_round_is_due_once_and_again_after_it_was_made() -> None:
    rounds = Rounds(every=600.0)
    assert not rounds.begins(10_000.0), "nothing was looked at yet: the first look is under way"
    rounds.looked(0.0, took=0.1)
    assert not rounds.begins(599.0)
    assert rounds.begins(600.0)
    assert not rounds.begins(601.0), "it is under way"
    rounds.looked(700.0, took=0.1)
    assert not rounds.begins(1299.0)
    assert rounds.begins(1300.0)
    assert rounds.begins(1900.0), "nobody has told of the last one: it was lost in a storm"


def test_where_a_look_takes_seconds_it_is_taken_each_hour_or_so() -> None:
    rounds = Rounds(every=600.0)
    rounds.looked(0.0, took=4.0)
    assert not rounds.begins(3999.0)
    assert rounds.begins(4000.0)
