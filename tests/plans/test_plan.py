"""Plans: as safe as the least safe step, tried step by step, never empty."""

import pytest

from builders import bridge, host, network
from pxedoctor.model.bridge import Stp
from pxedoctor.plans.bridge import SetForwardDelay, SetStp
from pxedoctor.plans.network import AutostartNetwork, StartNetwork
from pxedoctor.plans.plan import Plan, simulate
from pxedoctor.plans.safety import Safety

DELAY = SetForwardDelay(bridge="br0", seconds=2)
OFF = SetStp(bridge="br0", on=False, safety=Safety.RISKY, may_lose="A loop goes unseen.")


def test_a_plan_has_steps() -> None:
    with pytest.raises(ValueError, match="without steps"):
        Plan(steps=())


@pytest.mark.parametrize(("steps", "safety"), [((DELAY,), Safety.SAFE), ((DELAY, OFF), Safety.RISKY)])
def test_it_is_as_safe_as_its_least_safe_step(steps: tuple[SetForwardDelay | SetStp, ...], safety: Safety) -> None:
    assert Plan(steps=steps).safety is safety


def test_what_may_be_lost_is_said_once() -> None:
    assert Plan(steps=(DELAY, OFF, OFF)).may_lose == "A loop goes unseen."
    assert Plan(steps=(DELAY,)).may_lose == ""


def test_steps_are_tried_one_after_the_other() -> None:
    before = host(bridges=(bridge(stp=Stp.KERNEL),), networks=(network(autostart=False),))
    start = StartNetwork(network="default", bridge="virbr0")
    after, assumed = simulate(Plan(steps=(DELAY, start, AutostartNetwork(network="default"), OFF)), before)
    found = after.bridge("br0")
    assert found is not None
    assert (found.forward_delay, found.stp) == (2.0, Stp.OFF)
    assert assumed == ("the network default is active",)
    assert isinstance(after.networks, tuple)
    assert after.networks[0].autostart


def test_words_of_safety() -> None:
    assert [safety.word for safety in sorted(Safety)] == ["safe", "risky", "show-only"]
