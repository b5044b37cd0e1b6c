"""A DHCP server that serves a VLAN of a bridge which really filters by VLAN is found there, and only there."""

import json
from collections.abc import Iterator

import pytest

from pxedoctor.lab.machine.machine import Machine
from pxedoctor.lab.machine.pool import thawed
from pxedoctor.lab.machine.recipe import RECIPES

pytestmark = pytest.mark.machine

SERVED = """
ip link add br0 type bridge vlan_filtering 1
ip link add p0 type dummy
ip link set p0 master br0 up
ip link set br0 up
bridge vlan add dev br0 vid 20 self
ip link add link br0 name br0.20 type vlan id 20
ip addr add 192.168.170.1/24 dev br0.20
ip link set br0.20 up
dnsmasq --conf-file=/dev/null --port=0 --interface=br0.20 --bind-interfaces --no-ping --leasefile-ro \
  --dhcp-range=192.168.170.10,192.168.170.99,1h --dhcp-boot=vlan20.0
"""


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with thawed(RECIPES["bookworm"], print) as opened:
        opened.run("sh", "-ec", SERVED)
        yield opened


def probe(machine: Machine, *words: str) -> str:
    done = machine.ask("pxedoctor", "probe", *words, "--quick", "--json")
    assert json.loads(done.stdout), done.stderr
    return done.stdout


def test_in_its_vlan_it_answers(machine: Machine) -> None:
    text = probe(machine, "--bridge", "br0", "--vlan", "20")
    assert "192.168.170.1" in text
    assert "vlan20.0" in text


def test_without_a_tag_nobody_answers(machine: Machine) -> None:
    text = probe(machine, "--bridge", "br0")
    assert "vlan20.0" not in text


def test_all_asks_in_each_vlan_that_the_host_has_a_part_in(machine: Machine) -> None:
    text = probe(machine, "--all")
    assert "vlan20.0" in text


def test_the_bridge_is_as_it_was(machine: Machine) -> None:
    before = machine.run("bridge", "-j", "vlan", "show")
    probe(machine, "--bridge", "br0", "--vlan", "20")
    assert machine.run("bridge", "-j", "vlan", "show") == before
