"""The probe's command is said as the probe will take it: where a wire is behind the bridge, with --on-wire."""

import pytest

from builders import bridge, host, link, port
from pxedoctor.model.link import Link
from pxedoctor.road.probe_command import probing

BR0 = bridge(ports=(port("vnet0"), port("up0")))
TAP = link("vnet0", kind="tun", master="br0")
PLAIN = "pxedoctor probe --bridge br0"
ON_WIRE = f"{PLAIN} --on-wire, if the switch behind up0 may see one more MAC"


@pytest.mark.parametrize(
    ("links", "command"),
    [
        ((link("up0", kind="", master="br0"),), ON_WIRE),
        ((link("up0", kind="vlan", lower="eno1", master="br0"), link("eno1", kind="")), ON_WIRE),
        ((link("up0", kind="bond", master="br0"), link("eno1", kind="", master="up0")), ON_WIRE),
        ((link("up0", kind="veth", lower="eno1", master="br0"), link("eno1", kind="")), PLAIN),
        ((link("up0", kind="vxlan", master="br0"),), PLAIN),
        ((link("up0", kind="vlan", lower="up0", master="br0"),), PLAIN),
        ((), PLAIN),
    ],
    ids=["a NIC", "a VLAN of one", "a bond of one", "a pair of devices", "a tunnel", "below itself", "not there"],
)
def test_hardware_behind_a_port_is_a_wire(links: tuple[Link, ...], command: str) -> None:
    assert probing(host(links=(TAP, *links)), BR0) == command
