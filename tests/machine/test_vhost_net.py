"""The founding page's third cause for real: the kernel's vhost-net carries the OFFER, and nobody fills its sum.

A client that ignores the mark in the frame's header is turned away; one that honours it is not; and the old one is
healed by a CHECKSUM rule, and by the tc action that libvirt's nftables backend sets up.
"""

import json
import re
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
printf 'timeout 8;\\ninitial-interval 1;\\nbackoff-cutoff 1;\\n' > /etc/dhcp/dhclient.conf
"""
CHECKSUM = "iptables -w -t mangle {} POSTROUTING -o br0 -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill"
# As libvirt 11.3 does it (virNetworkSetupBridge, nftables backend).
TC = """
tc qdisc add dev br0 root handle 1: htb default 2
tc filter add dev br0 prio 2 protocol ip parent 1: u32 match ip dport 68 ffff action csum ip and udp
"""


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with thawed(RECIPES["bookworm"], print) as opened:
        opened.run("sh", "-ec", SERVED)
        yield opened


def gets_an_address(machine: Machine, *flags: str) -> tuple[bool, str]:
    words = ("--tap", "vnet9", "--bridge", "br0", "--mac", "52:54:00:0d:0d:01", "--client", "dhclient", *flags)
    told = json.loads(machine.run(PYTHON, "-m", "pxedoctor.lab.light_guest", *words))
    return told["ok"], told["said"]


def test_vhost_net_carries_it(machine: Machine) -> None:
    """Not QEMU: the module is loaded and used, and the sum on the tap is the pseudo-header's alone."""
    capture = (
        "ip tuntap add vnet9 mode tap vnet_hdr; ip link set vnet9 up;"
        "(timeout 180 tcpdump -n -i vnet9 -vvv -c 2 udp port 68 > /root/seen 2>&1) &"
        "until grep -q listening /root/seen; do sleep 0.2; done;"
        '"$0" -m pxedoctor.lab.light_guest "$@" >/dev/null; wait; ip link del vnet9 2>/dev/null; cat /root/seen'
    )
    words = ("--tap", "vnet9", "--bridge", "br0", "--mac", "52:54:00:0d:0d:01", "--client", "dhclient", "--vhost")
    seen = machine.run("sh", "-c", capture, PYTHON, *words, "--strip")
    assert "vhost_net" in machine.run("cat", "/proc/modules")
    assert re.search(r"192\.168\.170\.1\.67 > .*\.68: \[bad udp cksum", seen), seen


def test_a_client_that_ignores_the_mark_is_turned_away(machine: Machine) -> None:
    ok, said = gets_an_address(machine, "--vhost", "--strip")
    assert not ok
    assert "bad udp checksums" in said


def test_a_client_that_honours_it_is_not(machine: Machine) -> None:
    assert gets_an_address(machine, "--vhost")[0]


def test_a_checksum_rule_heals_the_old_client(machine: Machine) -> None:
    machine.run(*CHECKSUM.format("-A").split())
    assert gets_an_address(machine, "--vhost", "--strip")[0]
    machine.run(*CHECKSUM.format("-D").split())


def test_the_tc_action_heals_it(machine: Machine) -> None:
    machine.run("sh", "-ec", TC)
    assert "act_csum" in machine.run("cat", "/proc/modules")
    assert gets_an_address(machine, "--vhost", "--strip")[0]
    machine.run("tc", "qdisc", "del", "dev", "br0", "root")
    assert not gets_an_address(machine, "--vhost", "--strip")[0]
