"""Steps on virtual networks: their words, what they do to the model, and how each is taken back."""

import pytest

from builders import host, network
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.network import AutostartNetwork, DefineForwardDelay, StartNetwork, StopNetwork
from pxedoctor.plans.request import EditDefinition, Run, readers_of
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing

VIRSH = ("virsh", "-c", "qemu:///system")
DOWN = host(networks=(network(active=False, autostart=False),))
UNKNOWN = host(networks=Missing("forbidden", "closed"))


def test_start_is_what_a_person_would_type_and_is_taken_back_only_from_an_empty_bridge() -> None:
    step = StartNetwork(network="default", bridge="virbr0")
    assert step.argv() == (*VIRSH, "net-start", "default")
    assert step.request() == Run(step.argv())
    assert isinstance(step.simulate(DOWN), Assumed)
    undo = step.undo(DOWN)
    assert isinstance(undo, Inverse)
    assert (undo.argv, undo.only_if_no_ports) == ((*VIRSH, "net-destroy", "default"), "virbr0")
    assert isinstance(undo.request, Run)
    assert undo.request.only_if[-1] == "default", "one that somebody has stopped since is as it was"


def test_stop_of_what_is_left_has_no_inverse() -> None:
    step = StopNetwork(network="default")
    assert step.safety is Safety.SAFE
    assert step.argv() == (*VIRSH, "net-destroy", "default")
    assert step.request() == Run(step.argv())
    assert isinstance(step.simulate(DOWN), Assumed)
    assert isinstance(step.undo(DOWN), Nothing)
    assert "default" in step.describe()


def test_autostart_on_the_model_and_back() -> None:
    step = AutostartNetwork(network="default")
    after = step.simulate(DOWN)
    assert isinstance(after, Host)
    found = after.network("default")
    assert found is not None
    assert found.autostart
    undo = step.undo(DOWN)
    assert isinstance(undo, Inverse)
    assert undo.argv == (*VIRSH, "net-autostart", "default", "--disable")


def test_autostart_that_was_set_is_not_taken_away() -> None:
    assert isinstance(AutostartNetwork(network="default").undo(host(networks=(network(),))), Nothing)


def test_delay_in_the_definition_and_back_to_what_it_was() -> None:
    before = host(networks=(network(delay=15.0),))
    step = DefineForwardDelay(network="default", seconds=2)
    after = step.simulate(before)
    assert isinstance(after, Host)
    found = after.network("default")
    assert found is not None
    assert found.delay == 2.0
    undo = step.undo(before)
    assert isinstance(undo, Inverse)
    assert undo.request == EditDefinition(
        "network", "default", "/network", "bridge", (("delay", "15"),), written=(("delay", "2"),)
    )


def test_delay_of_a_network_that_was_not_defined() -> None:
    assert isinstance(DefineForwardDelay(network="gone", seconds=2).undo(DOWN), Nothing)


@pytest.mark.parametrize(
    "step", [AutostartNetwork(network="default"), DefineForwardDelay(network="default", seconds=2)]
)
def test_on_a_model_without_networks_the_result_is_assumed(step: AutostartNetwork | DefineForwardDelay) -> None:
    assert isinstance(step.simulate(UNKNOWN), Assumed)


def test_what_judges_a_definition_is_named_and_not_for_the_way_back() -> None:
    step = DefineForwardDelay(network="default", seconds=2)
    back = step.undo(host(networks=(network(delay=15.0),)))
    assert isinstance(back, Inverse)
    assert readers_of(step.request()) == (("virt-xml-validate", "-", "network"),)
    assert readers_of(back.request) == ()
