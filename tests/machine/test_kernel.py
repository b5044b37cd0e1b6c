"""What Debian's kernel does with bridges, where a site's kernel cannot be asked: the knowledge that checks rest on."""

import json
import re
import shlex
import time
from collections.abc import Callable, Iterator

import msgspec
import pytest

from builders import bridge, host
from pxedoctor.lab.machine.machine import Machine
from pxedoctor.lab.machine.pool import thawed
from pxedoctor.lab.machine.recipe import RECIPES
from pxedoctor.lab.machine.wheels import PYTHON
from pxedoctor.model.bridge import Port, PortState, Vlan
from pxedoctor.plans.step import Inverse
from pxedoctor.plans.three_way import ThreeWay
from pxedoctor.plans.vlan import JoinVlan
from real_files import GRANT, MET

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


JOINED = ("bridge", "vlan", "add", "dev", "p0", "vid", "10")


@pytest.mark.parametrize("before", [(), (Vlan(first=10, last=10),)], ids=["no member", "tagged"])
def test_the_vlan_of_a_port_goes_back_unless_somebody_has_changed_it_since(
    machine: Machine, before: tuple[Vlan, ...]
) -> None:
    machine.run("ip", "link", "set", "br0", "type", "bridge", "vlan_filtering", "1", "vlan_default_pvid", "0")
    machine.run("sh", "-ec", "ip link add p0 type dummy; ip link set p0 master br0 up")
    if before:
        machine.run(*JOINED)
    first = machine.run("bridge", "vlan", "show", "dev", "p0")
    step = JoinVlan(bridge="br0", port="p0", vid=10, access=True, may_lose="x")
    ports = (Port(name="p0", state=PortState.FORWARDING, vlans=before),)
    back = step.undo(host(bridges=(bridge("br0", ports=ports),)))
    assert isinstance(back, Inverse)

    def met() -> list[str]:
        text = machine.run(PYTHON, "-c", MET, msgspec.json.encode(back).decode())
        return [value.standing for value in msgspec.json.decode(text, type=ThreeWay).values]

    take_back = (PYTHON, "-c", GRANT, msgspec.json.encode(back.request).decode())
    machine.run(*step.argv())
    assert met() == ["undoable"]
    for _ in range(2):
        machine.run(*take_back)
        assert (met(), machine.run("bridge", "vlan", "show", "dev", "p0")) == (["undone"], first)
    machine.run(*JOINED, "untagged")
    assert met() == ["conflict"]
    refused = machine.ask(*take_back)
    assert refused.returncode != 0
    assert "VLAN 10 of p0 is 'untagged' now, not 'pvid untagged': somebody changed it since" in refused.stderr


TWO_ON_BR0 = """
for n in 1 2; do
  ip netns add n$n
  ip link add v$n type veth peer name eth0 netns n$n
  ip link set v$n master br0 up
  ip -n n$n link set eth0 up
  ip -n n$n address add 192.0.2.$n/24 dev eth0
done
"""


# Each in its turn, while pings pass, a thousand a second or what the emulator gets through: what was sent, what was
# answered, and in what time. busybox waits after each: with 0.001 it came to 570 a second, and lab/pinger.py to 620.
WHILE_PINGED = """
ip netns exec n1 busybox ping -q -c 1 192.0.2.2 >/run/first
setsid -f sh -c 'cut -d" " -f1 /proc/uptime; ip netns exec n1 busybox ping -q -c {pings} -i 0.0002 192.0.2.2
  cut -d" " -f1 /proc/uptime; echo ended' >/run/pings
until pgrep -x busybox >/run/pid; do sleep 0.1; done
{steps}
pgrep -x busybox >/run/pid || echo over
until grep -q ended /run/pings; do sleep 0.1; done
cat /run/pings
"""


class Passed(msgspec.Struct, frozen=True):
    sent: int
    answered: int
    each_second: int


def while_pinged(machine: Machine, pings: int, *commands: tuple[str, ...]) -> Passed:
    """The commands, 0.2 s after each other, while a neighbour pings another; it is still at it after the last."""
    steps = "\n".join(f"{shlex.join(command)}; sleep 0.2" for command in commands)
    said = machine.run("sh", "-ec", WHILE_PINGED.format(pings=pings, steps=steps))
    assert "over" not in said, said
    sent, answered = re.findall(r"(\d+) packets (?:transmitted|received)", said)
    began, ended = re.findall(r"(?m)^(\d+\.\d+)$", said)
    return Passed(int(sent), int(answered), round(pings / (float(ended) - float(began))))


def test_a_port_that_joins_a_vlan_and_leaves_it_loses_no_packet(
    machine: Machine, record_property: Callable[[str, object], None]
) -> None:
    """What the sites cannot show (tests/lab/test_undisturbed.py), on the very port whose packets are counted."""
    machine.run("ip", "link", "set", "br0", "type", "bridge", "vlan_filtering", "1")
    machine.run("sh", "-ec", TWO_ON_BR0)
    step = JoinVlan(bridge="br0", port="v1", vid=10, access=False, may_lose="x")
    ports = (Port(name="v1", state=PortState.FORWARDING, vlans=(Vlan(first=1, last=1, pvid=True, untagged=True),)),)
    back = step.undo(host(bridges=(bridge("br0", ports=ports),)))
    assert isinstance(back, Inverse)
    passed = while_pinged(machine, 30_000, *(step.argv(), back.argv) * 10)
    record_property("words", f"joined and left ten times: {passed}")
    assert (passed.sent, passed.answered) == (30_000, 30_000), passed

    # Else what was just seen would be worth nothing.
    away = ("bridge", "vlan", "del", "dev", "v1", "vid", "1")
    passed = while_pinged(machine, 3_000, away, ("bridge", "vlan", "add", *away[3:], "pvid", "untagged"))
    assert 0 < passed.answered < passed.sent, passed


def test_tc_drops_what_a_tap_would_get(machine: Machine) -> None:
    assert gets_an_address(machine)
    machine.run(
        "sh", "-ec", "tc qdisc add dev br0 clsact; tc filter add dev br0 egress protocol ip matchall action drop"
    )
    assert not gets_an_address(machine)
