"""Steps on ports: the command, the model after it, and the way back."""

import pytest

from builders import bridge, host
from pxedoctor.model.bridge import Port, PortState
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.port import EnterMac, SetPortFlag, SetPortState
from pxedoctor.plans.request import Run
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Step

MAC = "52:54:00:0d:0d:01"
STATE = SetPortState(bridge="br0", port="vnet0", state=PortState.FORWARDING)
FLAG = SetPortFlag(bridge="br0", port="vnet0", flag="bcast_flood", on=True, may_lose="somebody meant it")
ENTRY = EnterMac(bridge="br0", port="vnet0", mac=MAC)


def here(**changes: object) -> Host:
    values = {"name": "vnet0", "state": PortState.DISABLED, "bcast_flood": False, "macs": ()} | changes
    return host(bridges=(bridge(ports=(Port(**values),)),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("step", "command"),
    [
        (STATE, "bridge link set dev vnet0 state 3"),
        (FLAG, "bridge link set dev vnet0 bcast_flood on"),
        (ENTRY, f"bridge fdb replace {MAC} dev vnet0 master static"),
    ],
)
def test_what_a_person_could_type_is_what_is_done(step: Step, command: str) -> None:
    assert " ".join(step.argv()) == command
    assert step.request() == Run(step.argv())
    assert step.describe()


@pytest.mark.parametrize(
    ("step", "after"),
    [
        (STATE, here(state=PortState.FORWARDING)),
        (FLAG, here(bcast_flood=True)),
        (ENTRY, here(macs=(MAC,))),
    ],
)
def test_the_model_afterwards(step: Step, after: Host) -> None:
    assert step.simulate(here()) == after


@pytest.mark.parametrize("step", [STATE, FLAG, ENTRY])
def test_where_the_port_is_not_known_it_is_assumed(step: Step) -> None:
    assert isinstance(step.simulate(host(bridges=Missing("failed", "no"))), Assumed)
    assert isinstance(step.simulate(host()), Assumed)
    assert isinstance(step.undo(host()), Nothing)


@pytest.mark.parametrize(
    ("step", "command"),
    [
        (STATE, "bridge link set dev vnet0 state 0"),
        (FLAG, "bridge link set dev vnet0 bcast_flood off"),
        (ENTRY, f"bridge fdb del {MAC} dev vnet0 master"),
    ],
)
def test_the_way_back(step: Step, command: str) -> None:
    undo = step.undo(here())
    assert isinstance(undo, Inverse)
    assert isinstance(undo.request, Run)
    assert undo.request.argv == undo.argv
    assert " ".join(undo.argv) == command


def test_no_way_back_where_the_state_before_is_not_known() -> None:
    assert isinstance(FLAG.undo(here(bcast_flood=None)), Nothing)
    assert isinstance(ENTRY.undo(here(macs=None)), Nothing)
    assert isinstance(ENTRY.undo(here(macs=(MAC,))), Nothing)
