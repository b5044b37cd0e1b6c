"""What a neighbour says of itself in a BPDU, and when a probe writes it down again."""

import pytest

from pxedoctor.dialogue.profiles.registry import PROFILES
from pxedoctor.lab.parts import MAC
from pxedoctor.model.observation import SeenSwitch
from pxedoctor.probe.asking import Asking
from pxedoctor.probe.notes import Notes
from pxedoctor.road.switch_said import switch_of
from pxedoctor.wire import bpdu
from trace_builders import SWITCH, bpdu_of


def heard(version: int = bpdu.STP, flags: int = 0, mac: str = SWITCH) -> SeenSwitch | None:
    return switch_of(bpdu_of(version, flags, mac), 1.5)


def test_a_switch_of_stp_says_its_delay_and_nothing_of_its_port() -> None:
    assert heard() == SeenSwitch(
        at=1.5,
        by="stp",
        mac=SWITCH,
        name="8000.00:1b:00:00:00:01",
        detail="root 8000.00:1b:00:00:00:01, forward delay 15 s",
        forward_delay=15.0,
    )


@pytest.mark.parametrize(
    ("flags", "port"),
    [
        pytest.param(0x0E, "discarding", id="proposal of a designated port"),
        pytest.param(0x1C, "learning", id="learning"),
        pytest.param(0x3C, "forwarding", id="learning and forwarding"),
    ],
)
def test_a_rapid_one_says_it_of_the_very_port(flags: int, port: str) -> None:
    found = heard(bpdu.RSTP, flags)
    assert found is not None
    assert (found.by, found.port, found.changes) == ("rstp", port, False)
    assert found.detail.endswith(f"its port is {port}")


def test_a_topology_change_is_told_by_both() -> None:
    for version in (bpdu.STP, bpdu.RSTP):
        found = heard(version, 0x01)
        assert found is not None
        assert found.changes
        assert found.detail.endswith("the topology changes")


def test_the_bridge_itself_is_known_by_its_port() -> None:
    own = heard(mac="fe:ff:ff:0d:0d:0d")
    other = heard()
    assert own is not None
    assert other is not None
    assert own.is_bridge_of("02:70:78:0d:0d:0d")
    assert not other.is_bridge_of("02:70:78:0d:0d:0d")


def test_it_is_written_down_again_when_its_say_changes() -> None:
    asking = Asking(target="t", bridge="br0", tap="pr0", chaddr=MAC, mac="02:70:78:0d:0d:0d", profile=PROFILES[0])
    notes = Notes(asking, lambda _: None, lambda: 1.5)
    for flags in (0x0E, 0x0E, 0x1C, 0x3C, 0x3D, 0x3D):
        switch = heard(bpdu.RSTP, flags)
        assert switch is not None
        notes.switch(switch)
    assert [(switch.port, switch.changes) for switch in notes.switches] == [
        ("discarding", False),
        ("learning", False),
        ("forwarding", False),
        ("forwarding", True),
    ]
