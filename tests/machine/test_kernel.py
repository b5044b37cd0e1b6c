"""What Debian's kernel does with bridges, where a site's kernel cannot be asked: the knowledge that checks rest on."""

import json
import time
from collections.abc import Iterator

import pytest

from pxedoctor.lab.machine.machine import Machine
from pxedoctor.lab.machine.pool import thawed
from pxedoctor.lab.machine.recipe import RECIPES
from pxedoctor.lab.machine.wheels import PYTHON

pytestmark = pytest.mark.machine

SERVED = """
ip link add br0 type bridge
ip addr add 192.168.170.1/24 dev br0
ip link set br0 up
dnsmasq --conf-file=/dev/null --port=0 --interface=br0 --bind-interfaces --no-ping --leasefile-ro \
  --dhcp-range=192.168.170.10,192.168.170.99,1h
"""
# What a host has on which an STP daemon was once installed: it says yes to every bridge (Linux net/bridge/br_stp_if.c).
ACCEPTS = "#!/bin/sh\nexit 0\n"


@pytest.fixture
def machine() -> Iterator[Machine]:
    with thawed(RECIPES["bookworm"], print) as opened:
        opened.run("sh", "-ec", SERVED)
        yield opened


def gets_an_address(machine: Machine, *flags: str) -> bool:
    words = ("--tap", "vnet9", "--bridge", "br0", "--mac", "52:54:00:0d:0d:01", *flags)
    ok: bool = json.loads(machine.run(PYTHON, "-m", "pxedoctor.lab.light_guest", *words))["ok"]
    return ok


def test_stp_in_user_space_without_its_daemon_blocks_for_ever(machine: Machine) -> None:
    assert gets_an_address(machine)
    machine.write("/sbin/bridge-stp", ACCEPTS)
    machine.run("chmod", "755", "/sbin/bridge-stp")
    machine.run("ip", "link", "set", "br0", "type", "bridge", "stp_state", "1")
    assert machine.read("/sys/class/net/br0/bridge/stp_state") == b"2\n"
    machine.run("sh", "-ec", "ip link add p0 type dummy; ip link set p0 master br0 up")
    # Twice the longest delay that the kernel's own STP would need.
    time.sleep(31)
    assert machine.read("/sys/class/net/p0/brport/state") == b"4\n"
    assert not gets_an_address(machine)
    # Nor does a port forward because STP is turned off (br_stp_if.c br_stp_stop).
    machine.run("ip", "link", "set", "br0", "type", "bridge", "stp_state", "0")
    assert machine.read("/sys/class/net/p0/brport/state") == b"4\n"


def test_br_netfilter_is_a_module_and_filters_bridged_frames_from_the_moment_it_is_there(machine: Machine) -> None:
    assert machine.ask("ls", "/proc/sys/net/bridge").returncode != 0
    machine.run("modprobe", "br_netfilter")
    assert machine.read("/proc/sys/net/bridge/bridge-nf-call-iptables") == b"1\n"


def test_a_vlan_aware_bridge_gives_a_new_port_its_default_pvid(machine: Machine) -> None:
    machine.run("ip", "link", "set", "br0", "type", "bridge", "vlan_filtering", "1", "vlan_default_pvid", "0")
    machine.run("sh", "-ec", "ip link add p0 type dummy; ip link set p0 master br0 up")
    assert "p0" not in machine.run("bridge", "vlan", "show", "dev", "p0")
    assert not gets_an_address(machine)
    machine.run("ip", "link", "set", "br0", "type", "bridge", "vlan_default_pvid", "1")
    assert gets_an_address(machine)


def test_tc_drops_what_a_tap_would_get(machine: Machine) -> None:
    assert gets_an_address(machine)
    machine.run(
        "sh", "-ec", "tc qdisc add dev br0 clsact; tc filter add dev br0 egress protocol ip matchall action drop"
    )
    assert not gets_an_address(machine)
