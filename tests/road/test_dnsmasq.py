"""What a dnsmasq of the administrator's own serves on a bridge: by its arguments, its files, the bridge's address."""

import pytest

from builders import link
from pxedoctor.model.link import Address, Link
from pxedoctor.model.process import Process
from pxedoctor.road.dnsmasq import Served, relayed_to, served_on, settings_of

BR0 = link("br0", kind="bridge", addresses=(Address(family="inet", address="10.0.0.1", prefix=24),))
RANGE = "dhcp-range=10.0.0.10,10.0.0.99,255.255.255.0,1h"


def dnsmasq(*settings: str, command: str = "dnsmasq -C /etc/own.conf") -> Process:
    return Process(pid=7, parent=1, state="S", name="dnsmasq", command=command, settings=settings)


def served(process: Process, device: Link | None = BR0) -> Served | None:
    settings = settings_of(process)
    assert settings is not None
    return served_on(settings, "br0", device)


@pytest.mark.parametrize(
    "process",
    [
        dnsmasq(RANGE),
        dnsmasq(RANGE, "interface=br0"),
        dnsmasq(RANGE, "interface=lo,br*"),
        dnsmasq(RANGE, "listen-address=10.0.0.1"),
        dnsmasq(RANGE, command="dnsmasq -i br0"),
        dnsmasq(command="dnsmasq -ibr0 -F 10.0.0.10,10.0.0.99"),
        dnsmasq(command="dnsmasq --interface br0 --dhcp-range=tag:x,10.0.0.10,10.0.0.99"),
        dnsmasq("dhcp-range=192.168.9.2,192.168.9.9", RANGE),
    ],
)
def test_it_serves_the_bridge(process: Process) -> None:
    found = served(process)
    assert found is not None
    assert (found.server, found.range) == ("10.0.0.1", "10.0.0.10-10.0.0.99")


@pytest.mark.parametrize(
    "process",
    [
        dnsmasq("interface=br0"),
        dnsmasq(RANGE, "interface=br1"),
        dnsmasq(RANGE, "interface=br"),
        dnsmasq(RANGE, "no-dhcp-interface=br0"),
        dnsmasq(RANGE, "except-interface=br*"),
        dnsmasq(RANGE, "listen-address=10.0.1.1"),
        dnsmasq("dhcp-range=192.168.9.2,192.168.9.9"),
        dnsmasq("dhcp-range=999.0.0.1,10"),
    ],
    ids=[
        "DNS only",
        "another bridge",
        "not a prefix",
        "left out",
        "left out by a star",
        "another address",
        "no range here",
        "nonsense",
    ],
)
def test_it_does_not(process: Process) -> None:
    assert served(process) is None


@pytest.mark.parametrize("value", ["dhcp-range=10.0.0.0,static", "dhcp-range=10.0.0.1,proxy"])
def test_a_range_of_reservations_alone_is_the_whole_network(value: str) -> None:
    found = served(dnsmasq(value))
    assert found is not None
    assert found.range == "10.0.0.0-10.0.0.255"


@pytest.mark.parametrize(
    ("boot", "file", "server"),
    [
        (("dhcp-boot=pxelinux.0",), "pxelinux.0", ""),
        (("dhcp-boot=tag:efi,grub.efi", "dhcp-boot=pxelinux.0,srv,10.0.0.7"), "pxelinux.0", "10.0.0.7"),
        (("dhcp-boot=tag:efi,grub.efi",), "grub.efi", ""),
        (("dhcp-boot=http://10.0.0.1/boot.ipxe",), "http://10.0.0.1/boot.ipxe", ""),
        ((), "", ""),
    ],
)
def test_the_boot_file(boot: tuple[str, ...], file: str, server: str) -> None:
    found = served(dnsmasq(RANGE, "enable-tftp", *boot))
    assert found is not None
    assert (found.boot_file, found.boot_server, found.tftp) == (file, server, True)


def test_of_a_bridge_that_is_known_by_name_alone() -> None:
    assert served(dnsmasq(RANGE, "interface=br0"), None) == Served(server=None, range=None)
    assert served(dnsmasq(RANGE), None) is None


@pytest.mark.parametrize(
    "process",
    [
        Process(pid=7, parent=1, state="S", name="dnsmasq", command="dnsmasq -C /x", settings=None),
        Process(pid=7, parent=1, state="S", name="dnsmasq", command=""),
    ],
    ids=["files that could not be read", "arguments that are closed to us"],
)
def test_settings_that_are_not_known(process: Process) -> None:
    assert settings_of(process) is None


@pytest.mark.parametrize(
    ("lines", "server"),
    [
        (("dhcp-relay=10.0.0.1,192.0.2.9",), "192.0.2.9"),
        (("dhcp-relay=10.9.9.1,192.0.2.9", "dhcp-relay=10.0.0.1,192.0.2.8,eth0"), "192.0.2.8"),
        (("dhcp-relay=10.0.0.1",), "all servers on its other devices"),
        (("dhcp-relay=10.9.9.1,192.0.2.9",), ""),
        ((RANGE,), ""),
    ],
)
def test_what_it_relays_from_the_bridge(lines: tuple[str, ...], server: str) -> None:
    settings = settings_of(dnsmasq(*lines))
    assert settings is not None
    assert relayed_to(settings, BR0) == server
    assert relayed_to(settings, None) == ""
