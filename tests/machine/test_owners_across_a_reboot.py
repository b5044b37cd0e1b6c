"""A repair of a bridge lasts over a real reboot, and so does its undoing, with each of the four systems that own one.

One machine has four bridges, each made by another system, each with STP and 15 s, and a guest on each. They are
repaired, the machine is rebooted; the repairs are taken back, the machine is rebooted again.
"""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from pxedoctor.lab.machine.machine import BOOT_SECONDS, Machine
from pxedoctor.lab.machine.pool import thawed
from pxedoctor.lab.machine.recipe import RECIPES

pytestmark = pytest.mark.machine

OWNERS = ("ifupdown", "networkd", "netplan", "networkmanager")
BRIDGES = {"ifupdown": "brif", "networkd": "brnd", "netplan": "brnp", "networkmanager": "brnm"}
FILES = {
    "/etc/network/interfaces": """\
auto lo
iface lo inet loopback

# Guests that are installed over the network.
auto brif
iface brif inet static
    address 192.168.161.1/24
    bridge_ports none
    bridge_stp on
    bridge_fd 15
    bridge_maxwait 0
""",
    "/etc/systemd/network/20-brnd.netdev": """\
[NetDev]
Name=brnd
Kind=bridge

[Bridge]
STP=yes
ForwardDelaySec=15
""",
    "/etc/systemd/network/20-brnd.network": """\
[Match]
Name=brnd

[Network]
Address=192.168.162.1/24
ConfigureWithoutCarrier=yes
""",
    "/etc/netplan/50-guests.yaml": """\
network:
  version: 2
  renderer: networkd
  bridges:
    brnp:
      addresses: [192.168.163.1/24]
      parameters:
        stp: true
        forward-delay: 15
""",
    "/etc/NetworkManager/system-connections/brnm.nmconnection": """\
[connection]
id=brnm
uuid=6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d04
type=bridge
interface-name=brnm
autoconnect=true

[bridge]
stp=true
forward-delay=15

[ipv4]
method=manual
address1=192.168.164.1/24

[ipv6]
method=disabled
""",
    # Debian's default leaves to ifupdown what ifupdown has; the rest is told here.
    "/etc/NetworkManager/conf.d/others.conf": """\
[keyfile]
unmanaged-devices=interface-name:brif;interface-name:brnd;interface-name:brnp
""",
}
SERVICES = ("networking", "systemd-networkd", "NetworkManager")
GUEST = """\
<domain type='qemu'><name>{name}</name><memory unit='MiB'>64</memory>
<os><type arch='x86_64' machine='pc'>hvm</type><boot dev='network'/><boot dev='hd'/></os>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
<interface type='bridge'><source bridge='{bridge}'/><model type='virtio'/></interface></devices></domain>
"""

_RESTS_SECONDS = 5
_LOOKS = 30
_IN_FORCE = """
for i in $(seq 100); do [ -e "$0/bridge" ] && break; sleep 0.2; done
cat "$0"/bridge/stp_state "$0"/bridge/forward_delay
"""


@pytest.fixture
def machine() -> Iterator[Machine]:
    with thawed(RECIPES["bookworm"], print) as opened:
        for path, text in FILES.items():
            opened.run("mkdir", "-p", path.rpartition("/")[0])
            opened.write(path, text)
            opened.run("chmod", "644" if "systemd/network" in path or "interfaces" in path else "600", path)
        opened.run("systemctl", "enable", *SERVICES)
        opened.run("netplan", "generate")
        opened.run("systemctl", "restart", *SERVICES)
        for owner, bridge in BRIDGES.items():
            opened.write("/root/guest.xml", GUEST.format(name=owner, bridge=bridge))
            opened.run("virsh", "define", "/root/guest.xml")
        yield opened


def doctor(machine: Machine, *words: str) -> dict[str, Any]:
    done = machine.ask("pxedoctor", *words, "--json")
    assert done.stdout, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def in_force(machine: Machine) -> dict[str, tuple[int, int]]:
    """Of each owner's bridge: whether it has STP, and its forward delay in hundredths of a second.

    Read when its owner has done with it: a bridge that was only just made has no STP and 15 s.
    """
    machine.ask("systemctl", "is-system-running", "--wait", seconds=BOOT_SECONDS)
    told = [at_once(machine)]
    while len(told) < 2 or told[-1] != told[-2]:
        assert len(told) < _LOOKS, told
        time.sleep(_RESTS_SECONDS)
        told.append(at_once(machine))
    return told[-1]


def at_once(machine: Machine) -> dict[str, tuple[int, int]]:
    told: dict[str, tuple[int, int]] = {}
    for owner, bridge in BRIDGES.items():
        stp, delay = machine.run("bash", "-c", _IN_FORCE, f"/sys/class/net/{bridge}").split()
        told[owner] = (int(stp), int(delay))
    return told


def found(machine: Machine) -> set[str]:
    """Whose guest a port's silence still breaks."""
    document = doctor(machine, "diagnose", "--all")
    named = [finding for finding in document["findings"] if finding["name"] == "bridge-forward-delay"]
    return {target.partition("/")[0] for finding in named for target in finding["targets"]} & set(OWNERS)


def contents(machine: Machine) -> dict[str, bytes]:
    listed = machine.run("sh", "-c", "find /etc/network /etc/netplan /etc/systemd/network /etc/NetworkManager -type f")
    return {path: machine.read(path) for path in sorted(listed.split())}


def test_four_owners(machine: Machine) -> None:
    assert in_force(machine) == dict.fromkeys(OWNERS, (1, 1500))
    as_it_was = contents(machine)

    for owner in OWNERS:
        told = doctor(machine, "fix", owner, "--only", "bridge-forward-delay", "--apply", "--yes", "--allow-risky")
        assert told["outcome"] == "verified", told
    machine.reboot()
    after = in_force(machine)
    assert all(2 * delay <= 400 for stp, delay in after.values() if stp), after
    assert found(machine) == set()

    for _ in OWNERS:
        doctor(machine, "undo")
    assert contents(machine) == as_it_was
    machine.reboot()
    assert in_force(machine) == dict.fromkeys(OWNERS, (1, 1500))
    assert found(machine) == set(OWNERS)
