"""Steps on bridges: the command, what it does to the model, and the way back."""

import pytest

from builders import bridge, host, link, port
from pxedoctor.model.bridge import PortState, Stp
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.bridge import EnslaveTap, ForwardPort, IsolatePort, SetBridgeUp, SetForwardDelay, SetStp
from pxedoctor.plans.request import Reading, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Step

SLOW = host(bridges=(bridge(stp=Stp.KERNEL, forward_delay=15.0), bridge("br1")))
NO_BRIDGES = host(bridges=Missing("forbidden", "closed"), links=Missing("forbidden", "closed"))


def simulated(step: Step, before: Host) -> Host:
    after = step.simulate(before)
    assert isinstance(after, Host)
    return after


def way_back(step: Step, before: Host) -> str:
    undo = step.undo(before)
    assert isinstance(undo, Inverse)
    assert isinstance(undo.request, Run)
    assert undo.request.argv == undo.argv
    return " ".join(undo.argv)


@pytest.mark.parametrize(
    ("step", "command"),
    [
        (SetForwardDelay(bridge="br0", seconds=2), "ip link set dev br0 type bridge forward_delay 200"),
        (SetStp(bridge="br0", on=False, safety=Safety.RISKY), "ip link set dev br0 type bridge stp_state 0"),
        (SetStp(bridge="br0", on=True, safety=Safety.SAFE), "ip link set dev br0 type bridge stp_state 1"),
        (SetBridgeUp(bridge="br0"), "ip link set dev br0 up"),
        (ForwardPort(bridge="br0", port="vnet0"), "bridge link set dev vnet0 state 3"),
        (IsolatePort(port="vnet0"), "bridge link set dev vnet0 isolated on"),
        (EnslaveTap(tap="vnet0", bridge="br0"), "ip link set dev vnet0 master br0"),
    ],
)
def test_what_a_person_could_type_is_what_is_done(step: Step, command: str) -> None:
    assert " ".join(step.argv()) == command
    request = step.request()
    assert isinstance(request, Run)
    assert request.argv == step.argv()


@pytest.mark.parametrize("seconds", [1.99, 30.01])
def test_the_kernel_takes_2_to_30_s_with_stp(seconds: float) -> None:
    with pytest.raises(ValueError, match="2 to 30"):
        SetForwardDelay(bridge="br0", seconds=seconds)


def test_forward_delay_on_the_model_and_back() -> None:
    step = SetForwardDelay(bridge="br0", seconds=2)
    after = simulated(step, SLOW)
    assert [entry.forward_delay for entry in (after.bridge("br0"), after.bridge("br1")) if entry] == [2.0, 15.0]
    assert way_back(step, SLOW) == "ip link set dev br0 type bridge forward_delay 1500"
    assert isinstance(step.undo(host()), Nothing)


def test_stp_off_on_the_model_and_back() -> None:
    step = SetStp(bridge="br0", on=False, safety=Safety.RISKY)
    after = simulated(step, SLOW).bridge("br0")
    assert after is not None
    assert after.stp is Stp.OFF
    assert way_back(step, SLOW) == "ip link set dev br0 type bridge stp_state 1"
    assert way_back(step, host(bridges=(bridge(),))) == "ip link set dev br0 type bridge stp_state 0"


@pytest.mark.parametrize("before", [host(bridges=(bridge(stp=Stp.USER),)), host()], ids=["user space", "no bridge"])
def test_stp_of_user_space_cannot_be_given_back(before: Host) -> None:
    assert isinstance(SetStp(bridge="br0", on=False, safety=Safety.RISKY).undo(before), Nothing)


def test_stp_that_nobody_runs_goes_back_to_nobody() -> None:
    step = SetStp(bridge="br0", on=False, now=Stp.USER, safety=Safety.SAFE)
    path = "/sys/class/net/br0/bridge/stp_state"
    assert step.request().holds == (Reading(path, "2", done="0", what="STP of br0"),)
    back = step.undo(host(bridges=(bridge(stp=Stp.USER),)))
    assert isinstance(back, Inverse)
    assert back.argv[-1] == "1"
    assert isinstance(back.request, Run)
    assert back.request.holds == (Reading(path, "0", done="2", what="STP of br0"),)


def test_a_port_is_released_alone() -> None:
    ports = (port("vnet0", PortState.LISTENING), port("vnet1", PortState.LISTENING))
    after = simulated(ForwardPort(bridge="br0", port="vnet0"), host(bridges=(bridge(ports=ports),))).bridge("br0")
    assert after is not None
    assert [entry.state for entry in after.ports] == [PortState.FORWARDING, PortState.LISTENING]
    assert isinstance(ForwardPort(bridge="br9", port="vnet0").simulate(SLOW), Assumed)
    assert isinstance(ForwardPort(bridge="br0", port="vnet0").undo(SLOW), Nothing)


def test_isolation_is_assumed_and_ends_with_the_port() -> None:
    assert isinstance(IsolatePort(port="vnet0").simulate(SLOW), Assumed)
    assert isinstance(IsolatePort(port="vnet0").undo(SLOW), Nothing)


@pytest.mark.parametrize(("stp", "state"), [(Stp.OFF, PortState.FORWARDING), (Stp.KERNEL, PortState.LISTENING)])
def test_a_tap_plugged_in_on_the_model(stp: Stp, state: PortState) -> None:
    before = host(
        bridges=(bridge(stp=stp), bridge("br1", ports=(port("vnet0"),))), links=(link("vnet0"), link("vnet1"))
    )
    after = simulated(EnslaveTap(tap="vnet0", bridge="br0"), before)
    into, out_of = after.bridge("br0"), after.bridge("br1")
    assert into is not None
    assert out_of is not None
    assert [(entry.name, entry.state) for entry in into.ports] == [("vnet0", state)]
    assert out_of.ports == ()
    assert [entry.master for entry in (after.link("vnet0"), after.link("vnet1")) if entry] == ["br0", None]


@pytest.mark.parametrize(
    ("master", "command"),
    [(None, "ip link set dev vnet0 nomaster"), ("br1", "ip link set dev vnet0 master br1")],
)
def test_the_way_back_is_where_the_tap_was(master: str | None, command: str) -> None:
    before = host(bridges=(bridge(),), links=(link("vnet0", master=master),))
    assert way_back(EnslaveTap(tap="vnet0", bridge="br0"), before) == command


def test_without_facts_nothing_is_claimed() -> None:
    step = EnslaveTap(tap="vnet0", bridge="br0")
    assert isinstance(step.simulate(NO_BRIDGES), Assumed)
    assert isinstance(step.undo(host()), Nothing)


def test_the_silence_after_plugging_in_is_said() -> None:
    assert EnslaveTap(tap="vnet0", bridge="br0").describe() == "plug vnet0 back into br0"
    assert EnslaveTap(tap="vnet0", bridge="br0", silent_for=30.0).describe().endswith("STP lets it forward 30 s later")
