"""Sums filled by tc or by the kernel: the commands are libvirt's own, the model follows, and each can be taken back."""

import pytest

from builders import host
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.traffic_control import Offload, TcText
from pxedoctor.plans.checksum import FillInKernel, HangChecksumFilter, HangQueue, root_of
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Step
from pxedoctor.road.checksum import Filled, reply_filled

TAP = Offload(device="vnet0", takes_partial_sums=True, origin="ethtool -k vnet0")
BRIDGE = Offload(device="br0", takes_partial_sums=True, origin="ethtool -k br0")
OPEN = host(offloads=(TAP, BRIDGE), traffic_control=())
QUEUE, HUNG, KERNEL = HangQueue(bridge="br0"), HangChecksumFilter(bridge="br0"), FillInKernel(bridge="br0")


def after(before: Host, *steps: Step) -> Host:
    for step in steps:
        result = step.simulate(before)
        assert isinstance(result, Host), step
        before = result
    return before


def test_libvirts_own_words() -> None:
    assert " ".join(QUEUE.argv()) == "tc qdisc add dev br0 root handle 1: htb default 2"
    assert " ".join(HUNG.argv()) == (
        "tc filter add dev br0 prio 2 protocol ip parent 1: u32 match ip dport 68 ffff action csum ip and udp"
    )
    assert " ".join(KERNEL.argv()) == "ethtool -K br0 tx off"


@pytest.mark.parametrize("steps", [(QUEUE, HUNG), (KERNEL,)])
def test_on_the_model_the_sums_are_filled_and_twice_is_once(steps: tuple[Step, ...]) -> None:
    assert not isinstance(reply_filled(OPEN, "br0", TAP), Filled)
    done = after(OPEN, *steps)
    assert isinstance(reply_filled(done, "br0", TAP), Filled)
    assert after(done, steps[-1]) == done


@pytest.mark.parametrize(
    ("step", "back"),
    [
        (QUEUE, "tc qdisc del dev br0 root handle 1:"),
        (HUNG, "tc filter del dev br0 prio 2 protocol ip parent 1:"),
        (KERNEL, "ethtool -K br0 tx on"),
    ],
)
def test_the_way_back(step: Step, back: str) -> None:
    undo = step.undo(OPEN)
    assert isinstance(undo, Inverse)
    assert " ".join(undo.argv) == back


def test_what_was_so_before_is_left_so() -> None:
    queued = host(traffic_control=(TcText(device="br0", filters="", origin="tc", root="htb 1:"),))
    assert root_of(queued, "br0") == "htb 1:"
    assert isinstance(QUEUE.undo(queued), Nothing)
    filled = host(offloads=(Offload(device="br0", takes_partial_sums=False, origin="ethtool"),))
    assert isinstance(KERNEL.undo(filled), Nothing)


@pytest.mark.parametrize("step", [QUEUE, HUNG, KERNEL])
def test_what_cannot_be_tried_is_assumed(step: Step) -> None:
    assert isinstance(step.simulate(host(traffic_control=Missing("failed", "tc"))), Assumed)


def test_what_may_be_lost_is_said() -> None:
    assert (QUEUE.safety, HUNG.safety, KERNEL.safety) == (Safety.RISKY, Safety.SAFE, Safety.RISKY)
    assert "moment" in QUEUE.may_lose
    assert "Throughput" in KERNEL.may_lose
