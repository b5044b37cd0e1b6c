"""What a person's hand, or a loop, did to a port: each flag, and what makes it harmless."""

import pytest

from builders import bridge
from pxedoctor.model.bridge import Port, PortState, Stp
from pxedoctor.road.port_fault import Wrong, own_faults, server_fault

MAC = "52:54:00:0d:0d:01"


def a_port(state: PortState = PortState.FORWARDING, **flags: object) -> Port:
    return Port(**({"name": "vnet0", "state": state} | flags))  # type: ignore[arg-type]


def wrongs(port: Port, stp: Stp = Stp.OFF) -> list[tuple[Wrong, bool | None]]:
    return [(fault.wrong, fault.holds) for fault in own_faults(bridge(stp=stp), port, MAC.upper())]


@pytest.mark.parametrize("state", [s for s in PortState if s is not PortState.FORWARDING])
def test_without_stp_every_other_state_was_set_by_hand(state: PortState) -> None:
    assert wrongs(a_port(state)) == [(Wrong.STATE, True)]


@pytest.mark.parametrize("state", [PortState.LISTENING, PortState.LEARNING])
def test_with_stp_these_pass_by_themselves(state: PortState) -> None:
    assert not wrongs(a_port(state), Stp.KERNEL)


def test_with_stp_a_blocked_port_is_a_loop_and_a_disabled_one_somebodys_hand() -> None:
    assert wrongs(a_port(PortState.BLOCKING), Stp.KERNEL) == [(Wrong.LOOP, True)]
    assert wrongs(a_port(PortState.DISABLED), Stp.KERNEL) == [(Wrong.STATE, True)]


def test_what_a_program_in_user_space_decides_is_its_own() -> None:
    assert not wrongs(a_port(PortState.BLOCKING), Stp.USER)


@pytest.mark.parametrize(
    ("flags", "wrong"),
    [({"locked": True}, Wrong.LOCKED), ({"learning": False, "flood": False}, Wrong.UNKNOWN_TO)],
)
@pytest.mark.parametrize(("macs", "holds"), [((), True), (("52:54:00:00:00:09",), True), (None, None)])
def test_flags_that_hang_on_entered_addresses(
    flags: dict[str, object], wrong: Wrong, macs: tuple[str, ...] | None, holds: bool | None
) -> None:
    assert wrongs(a_port(macs=macs, **flags)) == [(wrong, holds)]
    assert not wrongs(a_port(macs=(MAC,), **flags)), "libvirt's macTableManager enters it"


@pytest.mark.parametrize("flags", [{"learning": False}, {"flood": False}, {"isolated": True}, {"mcast_flood": False}])
def test_flags_that_stop_nothing_alone(flags: dict[str, object]) -> None:
    assert not wrongs(a_port(macs=(), **flags))


def test_a_guest_without_broadcasts_may_still_be_answered() -> None:
    (fault,) = own_faults(bridge(), a_port(bcast_flood=False), MAC)
    assert (fault.wrong, fault.kills) == (Wrong.DEAF, False)


@pytest.mark.parametrize(
    ("far", "isolated", "wrong"),
    [
        (a_port(), True, None),
        (a_port(isolated=True), False, None),
        (a_port(isolated=True), True, Wrong.ISOLATED),
        (a_port(bcast_flood=False), False, Wrong.DEAF),
        (a_port(PortState.DISABLED), False, Wrong.STATE),
        (a_port(flood=False, learning=False, macs=()), False, None),
    ],
)
def test_a_port_towards_the_server(far: Port, isolated: bool, wrong: Wrong | None) -> None:
    fault = server_fault(bridge(), far, isolated)
    assert (fault.wrong if fault else None) is wrong
    assert fault is None or (fault.side == "server" and fault.kills)
