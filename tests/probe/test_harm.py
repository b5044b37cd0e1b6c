"""What a new port would do to a bridge, and where the probe keeps away."""

import pytest

from pxedoctor.probe import harm
from pxedoctor.probe.asking import ProbeError
from pxedoctor.probe.harm import Ground
from pxedoctor.probe.identity import mac_of_this_host, probe_mac

_PROBE = "02:70:78:0d:0d:0d"


def ground(**said: object) -> Ground:
    plain = {"bridge": "br0", "mac": "52:54:00:0d:0d:fe", "mac_given": True, "mtu": 1500, "stp": False, "delay": 15.0}
    return Ground(**{**plain, "ports": (), "physical": (), **said})  # type: ignore[arg-type]


def test_a_ports_mac_is_higher_than_any_that_a_bridge_would_take() -> None:
    assert harm.mac_of_port(_PROBE) == "fe:ff:ff:0d:0d:0d"


def test_a_bridge_with_a_mac_of_its_own_may_be_empty() -> None:
    harm.require_harmless(ground(), _PROBE, on_wire=False)


def test_a_bridge_without_one_keeps_that_of_its_ports() -> None:
    ports = (("vnet0", "fe:54:00:0d:0d:01"),)
    harm.require_harmless(ground(mac_given=False, ports=ports), _PROBE, on_wire=False)


@pytest.mark.parametrize("ports", [(), (("p", "ff:ff:ff:ff:ff:fe"),)])
def test_an_empty_bridge_without_one_would_take_the_probes(ports: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(ProbeError, match=r"br0 would take the probe's MAC for its own") as error:
        harm.require_harmless(ground(mac_given=False, ports=ports), _PROBE, on_wire=False)
    assert error.value.would_help.endswith("ip link set dev br0 address 52:54:00:0d:0d:fe")


def test_a_wire_needs_a_persons_word() -> None:
    wired = ground(ports=(("eno1", "3c:ec:ef:00:00:01"),), physical=("eno1",))
    with pytest.raises(ProbeError, match=r"eno1 is a physical port of br0") as error:
        harm.require_harmless(wired, _PROBE, on_wire=False)
    assert "--on-wire" in error.value.would_help
    harm.require_harmless(wired, _PROBE, on_wire=True)


@pytest.mark.parametrize("mac", ["52:54:00:0d:0d:fe", "52:54:00:0d:0d:01", "3c:ec:ef:00:00:01"])
def test_the_mac_of_a_station_is_never_the_source(mac: str) -> None:
    """The bridge's own, a running guest's (its tap says it), another port's."""
    ports = (("vnet0", "fe:54:00:0d:0d:01"), ("veth0", "3c:ec:ef:00:00:01"))
    with pytest.raises(ProbeError, match=r"it would take over that station's frames"):
        harm.require_harmless(ground(ports=ports), mac, on_wire=False)


def test_a_host_has_one_mac_and_another_host_another() -> None:
    first, second = probe_mac("2f0b9c0d0d0d4d0d8d0d0d0d0d0d0d01\n"), probe_mac("2f0b9c0d0d0d4d0d8d0d0d0d0d0d0d02")
    assert first == probe_mac("2f0b9c0d0d0d4d0d8d0d0d0d0d0d0d01")
    assert first != second
    assert first.startswith("02:70:78:")


def test_it_is_the_same_at_every_run() -> None:
    assert mac_of_this_host() == mac_of_this_host()
