"""The founding page's third cause with a real guest: KVM, a kernel of its own, and vhost-net as libvirt gives it.

One machine has a processor with AMD's virtualization, which TCG carries out. Each start of its guest is a cold one: an
old raw-socket client asks, and one that heeds the mark; then the guest powers itself off.
"""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from pxedoctor.lab.kvm_guest import ENDS
from pxedoctor.lab.machine.emulator import WITH_KVM
from pxedoctor.lab.machine.machine import Machine
from pxedoctor.lab.machine.pool import cold
from pxedoctor.lab.machine.recipe import RECIPES
from pxedoctor.lab.machine.wheels import PYTHON
from pxedoctor.lab.old_client import GIVES_UP, TAKES_IT

pytestmark = pytest.mark.machine

NETWORK = """\
<network><name>lab</name><bridge name='virbr9' stp='off' delay='0'/>
<ip address='192.168.150.1' netmask='255.255.255.0'>
<dhcp><range start='192.168.150.10' end='192.168.150.99'/></dhcp></ip>
</network>
"""
GUEST = """\
<domain type='kvm'><name>web01</name><uuid>6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d11</uuid>
<memory unit='MiB'>384</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type><kernel>/root/kernel</kernel><initrd>/root/initramfs</initrd>
<cmdline>console=ttyS0 quiet net.ifnames=0 panic=-1 mitigations=off linger={linger}</cmdline></os>
<features><acpi/></features>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
<interface type='network'><source network='lab'/><mac address='52:54:00:0d:0d:01'/><model type='virtio'/>
{driver}</interface>
<serial type='file'><source path='/root/serial.log'/></serial></devices></domain>
"""
# libvirt's own (network_iptables.c), in its own chain.
RULE = "iptables -w -t mangle -D LIBVIRT_PRT -o virbr9 -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill"
# As libvirt 11.3 does it (virNetworkSetupBridge, nftables backend).
TC = """
tc qdisc add dev virbr9 root handle 1: htb default 2
tc filter add dev virbr9 prio 2 protocol ip parent 1: u32 match ip dport 68 ffff action csum ip and udp
"""
# A libvirtd that was idle for so long ends, and puts its rules back as it starts again.
STAYS = "LIBVIRTD_ARGS=\n"
# What a person would look at where the guest hears another sum than this.
FACTS = """
iptables-save -t mangle | grep -i checksum; nft list ruleset | grep -i checksum
tc qdisc show; tc filter show dev virbr9
ps -e -o pid,etimes,comm | grep -e vhost -e libvirtd -e dnsmasq
for nic in /sys/class/net/virbr9 /sys/class/net/vnet*; do ethtool -k ${nic##*/} | grep -e Features -e checksum; done
lsmod | grep vhost; journalctl -b -u libvirtd --no-pager | tail -n 20; cat /root/seen
tr '\\0' '\\n' <"/proc/$(pgrep -f guest=web01)/cmdline" | grep -e netdev -e hostnet
"""
# On every device: each frame is seen on the bridge, and on the guest's tap.
CAPTURE = "timeout 900 tcpdump -n -l -i any -vvv -c 8 udp port 68 >/root/seen 2>&1 &"
OPEN_ON_THE_TAP = r"vnet\d+ +Out +IP .*\n? *192\.168\.150\.1\.67 > .*\[bad udp cksum"
OPEN = "old client: an offer, its sum partial, marked"
FIX = ("fix", "web01", "--client", "dhclient-old", "--only", "dhcp-reply-checksum-unfilled", "--apply", "--yes")
_GUEST_SECONDS = 400
# Longer than whatever is asked of a guest that runs takes.
LOOKED_AT = 1800


@pytest.fixture
def machine() -> Iterator[Machine]:
    with cold(RECIPES["bookworm"], print, WITH_KVM, memory=1536) as opened:
        opened.run("modprobe", "kvm_amd")
        opened.write("/etc/default/libvirtd", STAYS)
        # libvirt tells it of each guest that starts.
        opened.run("systemctl", "unmask", "systemd-machined")
        opened.run(PYTHON, "-m", "pxedoctor.lab.kvm_guest", "/root/kernel", "/root/initramfs")
        opened.write("/root/network.xml", NETWORK)
        opened.run("virsh", "net-define", "/root/network.xml")
        opened.run("virsh", "net-start", "lab")
        define(opened)
        yield opened


def define(machine: Machine, driver: str = "", linger: int = 3) -> None:
    """`linger`: seconds that it runs on for, to be looked at."""
    machine.write("/root/guest.xml", GUEST.format(driver=driver, linger=linger))
    machine.run("virsh", "define", "/root/guest.xml")


def said(machine: Machine) -> str:
    """What a guest says that is started now, which then powers itself off."""
    await_off(machine)
    machine.run("rm", "-f", "/root/serial.log")
    machine.run("virsh", "start", "web01", seconds=_GUEST_SECONDS)
    deadline = time.monotonic() + _GUEST_SECONDS
    while ENDS not in (words := machine.ask("cat", "/root/serial.log").stdout):
        assert time.monotonic() < deadline, words
        time.sleep(1)
    return words


def await_off(machine: Machine) -> None:
    """It powers itself off."""
    deadline = time.monotonic() + _GUEST_SECONDS
    while machine.run("virsh", "domstate", "web01").strip() != "shut off":
        assert time.monotonic() < deadline
        time.sleep(1)


def nobody_fills(machine: Machine) -> None:
    """No rule, or a libvirtd that came back has put one there."""
    rules = machine.run("iptables-save", "-t", "mangle")
    assert "CHECKSUM" not in rules, rules + machine.ask("sh", "-c", FACTS).stdout


def doctor(machine: Machine, *words: str) -> dict[str, Any]:
    done = machine.ask("pxedoctor", *words, "--json")
    assert done.stdout, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_a_real_guest_behind_vhost_net_is_healed_three_ways(machine: Machine) -> None:
    healthy = said(machine)
    assert TAKES_IT in healthy, healthy

    machine.run(*RULE.split())
    nobody_fills(machine)
    machine.run("sh", "-c", CAPTURE)
    define(machine, linger=LOOKED_AT)
    broken = said(machine)
    nobody_fills(machine)
    assert broken.count(OPEN) == 4, broken + machine.ask("sh", "-c", FACTS).stdout
    assert GIVES_UP in broken
    # One that heeds the mark is served all the same.
    assert "obtained from 192.168.150.1" in broken
    seen = machine.run("cat", "/root/seen")
    assert re.search(OPEN_ON_THE_TAP, seen), seen
    assert "vhost-" in machine.run("ps", "-e", "-o", "comm")
    first = doctor(machine, "diagnose", "web01", "--client", "dhclient-old")["findings"][0]
    assert (first["name"], first["certainty"]) == ("dhcp-reply-checksum-unfilled", "proven")

    told = doctor(machine, *FIX)
    assert told["outcome"] == "verified", told
    define(machine)
    machine.run("virsh", "destroy", "web01")
    assert TAKES_IT in said(machine)
    await_off(machine)
    doctor(machine, "undo")
    nobody_fills(machine)

    machine.run("sh", "-ec", TC)
    assert TAKES_IT in said(machine)
    machine.run("tc", "qdisc", "del", "dev", "virbr9", "root")

    await_off(machine)
    nobody_fills(machine)
    define(machine, "<driver name='qemu'/>", linger=LOOKED_AT)
    assert TAKES_IT in said(machine)
    assert "vhost-" not in machine.run("ps", "-e", "-o", "comm")
    assert doctor(machine, "diagnose", "web01", "--client", "dhclient-old")["verdict"] == "healthy"
