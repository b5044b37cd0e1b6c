"""What drops a packet on Debian's kernel and not on a site's: VLAN filtering, and tc on the way out. The tracer names
the place, the device, and the kernel's reason where that kernel has one."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from pxedoctor.lab.machine.machine import Machine
from pxedoctor.lab.machine.pool import thawed
from pxedoctor.lab.machine.recipe import RECIPES
from pxedoctor.lab.machine.wheels import PYTHON

pytestmark = pytest.mark.machine

MAC = "52:54:00:0d:0d:01"
SERVED = f"""
ip link add br0 type bridge
ip addr add 192.168.170.1/24 dev br0
ip link set br0 up
ip netns add guest
ip link add p0 type veth peer name eth0 address {MAC} netns guest
ip link set p0 master br0 up
ip -n guest link set eth0 up
dnsmasq --conf-file=/dev/null --port=0 --interface=br0 --bind-interfaces --no-ping --leasefile-ro \
  --dhcp-range=192.168.170.10,192.168.170.99,1h
"""
# In the machine, which is its own site (lab/machine/inside.py).
TRACED = f"""
import json
from pxedoctor.lab.shared_standby import standby
from pxedoctor.lab.site import Site
from pxedoctor.lab.tracing import watching

site = Site(tag="here", pid=1, standby=standby(), patience=5.0)
ask = "ip netns exec guest busybox udhcpc -i eth0 -n -q -f -t 2 -T 2 -s /bin/true"
with watching(site, "--bridge", "br0", "--mac", "{MAC}", seconds=240.0) as found:
    site.ask(*ask.split())
print(json.dumps([found.exit_code, found.document]))
"""


class Way(NamedTuple):
    """`put_in`, `take_out`: shell. `told`: the kernel's reason and its words, as far as all kernels have them."""

    put_in: str
    take_out: str
    kind: str
    hop: str
    device: str
    told: str


FILTERED = "ip link set br0 type bridge vlan_filtering 1"
AS_IT_WAS = """
ip link set br0 type bridge vlan_filtering 0
bridge vlan add dev p0 vid 1 pvid untagged
bridge vlan add dev br0 vid 1 pvid untagged self
"""
EGRESS = "tc qdisc add dev {0} clsact; tc filter add dev {0} egress protocol ip matchall action drop"
WAYS = {
    "a port that is in no VLAN": Way(
        f"{FILTERED}; bridge vlan del dev p0 vid 1", AS_IT_WAS, "DISCOVER", "admission", "p0", "VLAN"
    ),
    "a bridge that is not in its port's VLAN": Way(
        f"{FILTERED}; bridge vlan del dev br0 vid 1 self", AS_IT_WAS, "DISCOVER", "bridge", "br0", "VLAN"
    ),
    "tc on the bridge's way out": Way(
        EGRESS.format("br0"), "tc qdisc del dev br0 clsact", "OFFER", "egress", "br0", "tc"
    ),
    "tc on the port's way out": Way(EGRESS.format("p0"), "tc qdisc del dev p0 clsact", "OFFER", "egress", "p0", "tc"),
}


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with thawed(RECIPES["bookworm"], print) as opened:
        opened.run("sh", "-ec", SERVED)
        opened.write("/root/traced.py", TRACED)
        yield opened


def traced(machine: Machine) -> tuple[int, dict[str, Any]]:
    code, document = json.loads(machine.run(PYTHON, "/root/traced.py", seconds=600))
    return code, document


@pytest.mark.parametrize("name", WAYS)
def test_the_place_and_the_reason_are_named(machine: Machine, name: str) -> None:
    way = WAYS[name]
    machine.run("sh", "-ec", way.put_in)
    try:
        code, document = traced(machine)
    finally:
        machine.run("sh", "-ec", way.take_out)
    died = document["died"]
    assert code == 1, document
    assert (died["kind"], died["hop"], died["device"]) == (way.kind, way.hop, way.device), document
    assert way.told in f"{died['reason']} {died['words']}", died


def test_without_any_of_them_nothing_dies(machine: Machine) -> None:
    code, document = traced(machine)
    assert (code, document["died"]) == (0, None), document
