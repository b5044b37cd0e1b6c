"""When clients send."""

import pytest

from pxedoctor.dialogue.schedule import Gap, Schedule, at, spread


def test_a_client_that_keeps_to_the_second() -> None:
    schedule = at(0, 1, 3, 7, gives_up=15)
    assert (schedule.sends, schedule.gives_up) == ((0, 1, 3, 7), 15)
    assert [schedule.next_send(sent) for sent in range(5)] == [0, 1, 3, 7, None]


def test_a_client_that_asks_for_ever() -> None:
    schedule = spread((3, 5), (7, 9), last=64, then=64)
    assert schedule.sends == (0, 4, 12)
    assert [schedule.next_send(sent) for sent in (2, 3, 4)] == [12, 76, 140]
    assert schedule.gives_up is None


def test_pace_says_what_is_due_and_when_to_look_again() -> None:
    schedule = at(0, 4, gives_up=10)
    first, early, hair, end = (schedule.pace(*moment) for moment in ((0, 0), (1, 3.9), (1, 3.9995), (2, 10)))
    assert (first.due, first.over, first.wake) == (True, False, 4)
    assert (early.due, early.wake) == (False, 4)
    assert (hair.due, hair.wake) == (True, 10), "a timer that fires a hair early has fired"
    assert (end.due, end.over) == (False, True)
    assert not schedule.pace(2, 9).over


@pytest.mark.parametrize("gap", [Gap(1, 2, 3), Gap(3, 1, 2), Gap(0, 0, 0)])
def test_a_gap_lies_between_its_ends(gap: Gap) -> None:
    with pytest.raises(ValueError, match="a gap lies between its ends"):
        Schedule(gaps=(gap,), last=1)
