"""A fight of two parties ends."""

from pxedoctor.watch.brake import Brake, holds, repaired, sides, tries

NF002 = "NF002:virbr0"


def after(*times: float) -> tuple[Brake, bool]:
    brake, fight = Brake(rounds=3, window=60.0), False
    for at in times:
        brake, fight = repaired(brake, NF002, "ufw reload", at)
    return brake, fight


def test_the_third_round_within_a_minute_is_a_fight() -> None:
    assert after(0, 20)[1] is False
    brake, fight = after(0, 20, 40)
    assert fight
    assert holds(brake, NF002, 41)
    assert sides(brake, NF002) == ("ufw reload",)


def test_the_keeper_comes_back_after_ten_windows() -> None:
    brake, _ = after(0, 20, 40)
    assert holds(brake, NF002, 639)
    assert not holds(brake, NF002, 640)


def test_repairs_far_apart_are_no_fight() -> None:
    brake, fight = after(0, 100, 200, 300)
    assert not fight
    assert not holds(brake, NF002, 301)


def test_another_finding_is_not_held() -> None:
    brake, _ = after(0, 1, 2)
    assert not holds(brake, "NF001:default", 3)
    assert tries(brake, "NF001:default") == 0


def test_what_is_long_past_is_forgotten() -> None:
    brake, _ = repaired(Brake(rounds=3, window=1.0), "old", "x", 0.0)
    brake, _ = repaired(brake, NF002, "y", 100.0)
    assert set(brake.known) == {NF002}
