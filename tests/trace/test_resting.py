"""When witnesses rest, and what calls them."""

from pxedoctor.model.traced import HeardFrame, WitnessName
from pxedoctor.trace.rested_words import rested_words
from pxedoctor.trace.resting import Resting, is_of
from pxedoctor.wire.dhcp4 import MessageType
from trace_builders import BRIDGE, GUEST, TAP, heard

OWN = bytes.fromhex("5254000d0d01")
ANOTHERS = "vnet7"


class Kept:
    missed = 0

    def __init__(self) -> None:
        self.told: list[str] = []

    def rest(self) -> None:
        self.told.append("rest")

    def wake(self) -> None:
        self.told.append("wake")


def discover(at: float, device: str = TAP) -> tuple[HeardFrame, ...]:
    return (heard(MessageType.DISCOVER, device, "in", at),)


def offer(at: float) -> tuple[HeardFrame, ...]:
    return (heard(MessageType.OFFER, TAP, "out", at),)


class Story:
    """One witness of a guest whose port is known."""

    def __init__(self) -> None:
        self.kept = Kept()
        self.resting = Resting((self.kept,), GUEST, by_answers=True)
        self.goes(0)

    def goes(self, now: float, *frames: HeardFrame) -> list[str]:
        self.resting.hear(frames, rules=False, own=TAP, now=now)
        return self.kept.told


def test_where_nobody_knows_what_is_answered_they_rest_35_seconds_after_the_last_word() -> None:
    first, second = Kept(), Kept()
    resting = Resting((first, second), GUEST)
    resting.hear((), rules=False, own=TAP, now=34)
    assert first.told == []
    resting.hear(discover(34.5), rules=False, own=TAP, now=34.5)
    resting.hear((), rules=False, own=TAP, now=69)
    resting.hear((), rules=False, own=TAP, now=70)
    resting.hear((), rules=True, own=TAP, now=71)
    assert first.told == second.told == ["rest", "wake"]


def test_so_it_is_where_the_guests_port_is_not_known() -> None:
    kept = Kept()
    resting = Resting((kept,), GUEST, by_answers=True)
    resting.hear((), rules=False, own=None, now=36)
    resting.hear(discover(37, BRIDGE), rules=False, own=None, now=37)
    resting.hear((), rules=False, own=None, now=72)
    assert kept.told == ["rest", "wake"]


def test_a_guest_that_is_answered_needs_nobody_behind_its_first_words() -> None:
    story = Story()
    assert story.goes(10, *discover(10), *offer(10.01)) == []
    assert story.goes(12.1) == ["rest"]
    assert story.goes(14, *discover(14), *offer(14.01)) == ["rest"]
    assert story.goes(20) == ["rest"]
    assert story.resting.unwatched == 1


def test_a_question_that_is_not_answered_calls_them_for_its_next_try() -> None:
    story = Story()
    story.goes(10, *discover(10), *offer(10.01))
    story.goes(12.1)
    story.goes(14, *discover(14))
    assert story.goes(14.6) == ["rest", "wake"]
    story.goes(18, *discover(18))
    assert story.goes(18.6) == ["rest", "wake", "rest"], "for no longer than that"


def test_of_a_guest_that_is_lost_from_the_first_they_have_seen_it_once() -> None:
    story = Story()
    story.goes(10, *discover(10))
    assert story.goes(12.1) == ["rest"]
    story.goes(14, *discover(14))
    assert story.goes(15) == ["rest"]


def test_what_taught_them_its_port_is_no_try_that_was_watched() -> None:
    kept = Kept()
    resting = Resting((kept,), GUEST, by_answers=True)
    resting.hear((), rules=False, own=None, now=9)
    resting.hear(discover(10), rules=False, own=TAP, now=10)
    resting.hear((), rules=False, own=TAP, now=13)
    assert kept.told == []
    resting.hear(discover(14), rules=False, own=TAP, now=14)
    resting.hear((), rules=False, own=TAP, now=14.6)
    assert kept.told == ["rest"]


def test_when_its_port_comes_or_changes_they_wait_for_it() -> None:
    story = Story()
    story.goes(36)
    story.resting.expect(40)
    assert story.kept.told == ["rest", "wake"]
    assert story.goes(75.1) == ["rest", "wake", "rest"]


def test_anothers_port_and_what_is_flooded_are_no_word_of_the_guest() -> None:
    story = Story()
    story.goes(36)
    frames = (*discover(37, ANOTHERS), heard(MessageType.DISCOVER, ANOTHERS, "out", 37))
    assert story.goes(40, *frames) == ["rest"]
    assert story.resting.unwatched == 0


def test_who_a_frame_is_of() -> None:
    switch = bytes.fromhex("0180c2000000") + bytes(60)
    assert is_of(GUEST, bytes(6) + OWN + bytes(60))
    assert is_of(GUEST, bytes(70) + OWN), "DHCP's hardware address"
    assert not is_of(GUEST, bytes(100))
    assert not is_of(None, switch)
    assert is_of(None, bytes(60))


def test_what_they_say_of_it() -> None:
    assert rested_words(WitnessName.RULES, 0, 0) == ""
    assert "as 2 of its questions passed" in rested_words(WitnessName.RULES, 0, 2)
    assert "the next try was" in rested_words(WitnessName.KERNEL, 1, 2)
