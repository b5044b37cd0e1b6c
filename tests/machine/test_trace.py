"""What the whole tracer says of what a VLAN or tc stops: the kernel under the sites can do neither."""

import json
from collections.abc import Iterator
from typing import Any

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
ip tuntap add vnet9 mode tap vnet_hdr
ip link set vnet9 master br0 up
mount -t tracefs none /sys/kernel/tracing 2>/dev/null || true
dnsmasq --conf-file=/dev/null --port=0 --interface=br0 --bind-interfaces --no-ping --leasefile-ro \
  --dhcp-range=192.168.170.10,192.168.170.99,1h
"""
WATCHED = """
import json, sys
from pxedoctor.lab.shared_standby import standby
from pxedoctor.lab.site import Site
from pxedoctor.lab.tracing import watching
site = Site(tag="tr", pid=1, standby=standby(), patience=5.0)
guest = ("--tap", "vnet9", "--bridge", "br0", "--mac", "52:54:00:0d:0d:01")
with watching(site, "--bridge", "br0", seconds=800) as watched:
    told = json.loads(site.run(sys.executable, "-m", "pxedoctor.lab.light_guest", *guest))
print(json.dumps({"ok": told["ok"], "trace": watched.document}))
"""


@pytest.fixture
def machine() -> Iterator[Machine]:
    with thawed(RECIPES["trixie"], print) as opened:
        opened.run("sh", "-ec", SERVED)
        yield opened


def traced(machine: Machine) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(machine.run(PYTHON, "-c", WATCHED, seconds=1200))
    return told


def test_a_port_in_no_vlan_is_where_a_discover_dies(machine: Machine) -> None:
    machine.run("ip", "link", "set", "br0", "type", "bridge", "vlan_filtering", "1", "vlan_default_pvid", "0")
    told = traced(machine)
    assert not told["ok"]
    died = told["trace"]["died"]
    assert died is not None, told["trace"]
    assert (died["kind"], died["hop"], died["device"]) == ("DISCOVER", "admission", "vnet9")
    assert died["certain"]


def test_a_bridge_that_is_not_in_its_ports_vlan_is_where_a_discover_dies(machine: Machine) -> None:
    machine.run("ip", "link", "set", "br0", "type", "bridge", "vlan_filtering", "1")
    machine.run("bridge", "vlan", "del", "dev", "vnet9", "vid", "1")
    machine.run("bridge", "vlan", "add", "dev", "vnet9", "vid", "20", "pvid", "untagged")
    told = traced(machine)
    assert not told["ok"]
    died = told["trace"]["died"]
    assert died is not None, told["trace"]
    assert (died["kind"], died["hop"]) == ("DISCOVER", "bridge"), told["trace"]
    assert died["certain"]


def test_what_tc_drops_before_the_guests_port_is_an_answer_that_dies_there(machine: Machine) -> None:
    drop_ip(machine, "vnet9")
    told = traced(machine)
    assert not told["ok"]
    died = told["trace"]["died"]
    assert died is not None, told["trace"]
    assert (died["kind"], died["hop"], died["device"], died["reason"]) == ("OFFER", "egress", "vnet9", "TC_EGRESS")
    assert died["certain"]


def test_what_tc_drops_as_the_bridge_sends_it_is_told_there_and_as_doubtful(machine: Machine) -> None:
    """Before any device or packet socket tells of it: the answer is known from rules, its end by time alone."""
    drop_ip(machine, "br0")
    told = traced(machine)
    assert not told["ok"]
    died = told["trace"]["died"]
    assert died is not None, told["trace"]
    ended = (died["kind"], died["hop"], died["device"], died["reason"])
    assert ended == ("BOOTREPLY", "egress", "br0", "TC_EGRESS"), told["trace"]
    assert not died["certain"]


def drop_ip(machine: Machine, device: str) -> None:
    """Whatever of IPv4 leaves by it."""
    machine.run("tc", "qdisc", "add", "dev", device, "clsact")
    machine.run("tc", "filter", "add", "dev", device, "egress", "protocol", "ip", "matchall", "action", "drop")
