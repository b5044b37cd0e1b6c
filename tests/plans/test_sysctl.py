"""A kernel setting: set, and set back to what it was."""

import msgspec

from builders import host
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.request import Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing
from pxedoctor.plans.sysctl import SetSysctl

NAME = "net/ipv4/conf/eno1.10/forwarding"
STEP = SetSysctl(name=NAME, value="1", what="route what comes in through eno1.10", safety=Safety.RISKY, may_lose="x")


def test_it_is_one_command_with_slashes_so_that_dots_are_the_devices() -> None:
    assert STEP.argv() == ("sysctl", "-w", f"{NAME}=1")
    assert STEP.request() == Run(STEP.argv())


def test_its_undo_is_what_was_read() -> None:
    before = host(sysctls={NAME: "0"})
    after = STEP.simulate(before)
    assert isinstance(after, Host)
    assert after.sysctls == {NAME: "1"}
    undo = STEP.undo(before)
    assert isinstance(undo, Inverse)
    assert undo.argv == ("sysctl", "-w", f"{NAME}=0")


def test_what_was_not_read_or_is_so_already_has_no_undo() -> None:
    for there in (host(sysctls={}), host(sysctls=Missing("failed", "no")), host(sysctls={NAME: "1"})):
        assert isinstance(STEP.undo(there), Nothing)
    assert isinstance(STEP.simulate(host(sysctls=Missing("failed", "no"))), Assumed)


def test_a_setting_whose_way_back_would_break_more_stays_and_says_why() -> None:
    stays = msgspec.structs.replace(STEP, stays="the host forwards now, and needs it")
    assert stays.undo(host(sysctls={NAME: "0"})) == Nothing("the host forwards now, and needs it")
