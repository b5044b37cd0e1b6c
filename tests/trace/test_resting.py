"""When witnesses rest, and what wakes them."""

from pxedoctor.trace.resting import Resting, is_of

MAC = "52:54:00:0d:0d:01"
OWN = bytes.fromhex("5254000d0d01")


class Kept:
    missed = 0

    def __init__(self) -> None:
        self.told: list[str] = []

    def rest(self) -> None:
        self.told.append("rest")

    def wake(self) -> None:
        self.told.append("wake")


def test_they_rest_35_seconds_after_the_last_word_and_wake_with_the_next() -> None:
    first, second = Kept(), Kept()
    resting = Resting((first, second))
    resting.turn(spoken=False, now=34)
    assert first.told == []
    resting.turn(spoken=True, now=34.5)
    resting.turn(spoken=False, now=69)
    resting.turn(spoken=False, now=70)
    resting.turn(spoken=True, now=71)
    assert first.told == second.told == ["wake", "rest", "wake"]


def test_who_a_frame_is_of() -> None:
    switch = bytes.fromhex("0180c2000000") + bytes(60)
    assert is_of(MAC, bytes(6) + OWN + bytes(60))
    assert is_of(MAC, bytes(70) + OWN), "DHCP's hardware address"
    assert not is_of(MAC, bytes(100))
    assert not is_of(None, switch)
    assert is_of(None, bytes(60))
