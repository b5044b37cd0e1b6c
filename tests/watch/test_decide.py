"""When the keeper repairs, and why it does not."""

import pytest
from msgspec.structs import replace

from pxedoctor.verdict.happened import Standing
from pxedoctor.watch.brake import Brake, repaired
from pxedoctor.watch.decide import Situation, why_not
from pxedoctor.watch.policy import Policy, Rule

MISSING = Standing(
    id="NF001:default",
    name="libvirt-rules-missing",
    severity="broken",
    certainty="proven",
    headline="gone",
    targets=("web01/52:54:00:0d:0d:01",),
)
BRAKE = Brake(rounds=2, window=60.0)
MAY = Policy(causes={"libvirt-rules-missing": Rule.REPAIR})
NOW = Situation(repairs=True)


def test_what_is_broken_proven_and_allowed_is_repaired() -> None:
    assert why_not(MAY, MISSING, BRAKE, NOW, 0.0) == ""


@pytest.mark.parametrize(
    ("policy", "standing", "situation", "word"),
    [
        (Policy(), MISSING, NOW, "only tells"),
        (MAY, MISSING, replace(NOW, repairs=False), "only tells"),
        (MAY, replace(MISSING, certainty="likely"), NOW, "likely"),
        (MAY, replace(MISSING, severity="risk"), NOW, "risk"),
        (MAY, MISSING, replace(NOW, first_run=True), "first run"),
        (MAY, MISSING, replace(NOW, paused=True), "paused"),
        (MAY, MISSING, replace(NOW, busy="apt or dpkg"), "apt or dpkg is at work"),
    ],
)
def test_everything_else_is_told_with_the_reason(
    policy: Policy, standing: Standing, situation: Situation, word: str
) -> None:
    assert word in why_not(policy, standing, BRAKE, situation, 0.0)


def test_once_is_once_and_a_fight_is_held() -> None:
    brake, _ = repaired(BRAKE, MISSING.id, "ufw", 0.0)
    once = Policy(default=Rule.REPAIR_ONCE)
    assert "once already" in why_not(once, MISSING, brake, NOW, 1.0)
    assert why_not(MAY, MISSING, brake, NOW, 1.0) == ""

    brake, fight = repaired(brake, MISSING.id, "ufw", 2.0)
    assert fight
    assert "undo each other" in why_not(MAY, MISSING, brake, NOW, 3.0)
