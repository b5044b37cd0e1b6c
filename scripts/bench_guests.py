"""A healthy host with many running guests: the whole diagnosis against the raw commands that it runs."""

import json
import shlex
import sys
from typing import NamedTuple

from bench_measure import Pair, interleaved, timed

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import start_libvirt
from pxedoctor.lab.running_guest import start_mute
from pxedoctor.lab.site import Site


class Size(NamedTuple):
    """How many networks of libvirt's, each with its dnsmasq, and how many guests on all of them together."""

    networks: int
    guests: int


FEW = Size(networks=3, guests=20)
MANY = Size(networks=20, guests=200)


def network(site: Site, number: int) -> str:
    return f"""<network><name>net{number}</name><forward mode='nat'/>
      <bridge name='{site.device(f"n{number}")}' stp='off'/>
      <ip address='192.168.{150 + number}.1' netmask='255.255.255.0'><dhcp>
      <range start='192.168.{150 + number}.2' end='192.168.{150 + number}.99'/></dhcp></ip></network>"""


def guest(number: int, network: int) -> str:
    return f"""<domain type='qemu'><name>guest{number}</name><memory unit='MiB'>16</memory>
      <os><type arch='x86_64' machine='pc'>hvm</type><boot dev='network'/></os><devices>
      <emulator>/usr/bin/qemu-system-x86_64</emulator>
      <interface type='network'><source network='net{network}'/>
      <mac address='52:54:00:0d:01:{number:02x}'/><model type='virtio'/></interface>
      <video><model type='none'/></video><memballoon model='none'/></devices></domain>"""


def populate(site: Site, size: Size) -> None:
    start_libvirt(site)
    for number in range(size.networks):
        site.write("/tmp/network.xml", network(site, number))
        site.run("virsh", "net-define", "/tmp/network.xml")
        site.run("virsh", "net-start", f"net{number}")
    for number in range(size.guests):
        print(f"\rstarting guest {number + 1} of {size.guests}", end="", file=sys.stderr, flush=True)
        site.write("/tmp/guest.xml", guest(number, number % size.networks))
        site.run("virsh", "define", "/tmp/guest.xml")
        start_mute(site, f"guest{number}")
    print(file=sys.stderr)


def _words(command: str) -> list[str]:
    """A question is the words of a command with blanks between them; a shell's script is its last one."""
    shell = "sh -c "
    return ["sh", "-c", command.removeprefix(shell)] if command.startswith(shell) else command.split(" ")


def commands_asked(site: Site) -> list[list[str]]:
    """The programs that `diagnose` runs on this site, from the texts it keeps, and those that its own dump spares it.

    One netlink dump tells what a person learns from `ethtool -k` on each tap and bridge.
    """
    told = site.doctor("diagnose")
    if told.exit_code != 0:
        raise SystemExit(f"the bench host is not healthy: {json.dumps(told.document, indent=1)}")
    needed = "from pxedoctor.access.live import LiveHost; from pxedoctor.collect.gather import gather; "
    needed += "from pxedoctor.diagnose.engine import needed_facts; "
    needed += "print(chr(0).join(gather(LiveHost(), needed_facts(), lambda _: None).answers))"
    questions = site.run(sys.executable, "-c", needed).rstrip("\n").split("\0")
    ran = [_words(question.removeprefix("run ")) for question in questions if question.startswith("run ")]
    spared = site.run("sh", "-c", "ls -d /sys/class/net/*/tun_flags /sys/class/net/*/bridge").splitlines()
    return [*ran, *(["ethtool", "-k", path.split("/")[4]] for path in spared)]


def whole_diagnosis(size: Size, runs: int) -> tuple[Pair, int]:
    """The pair, and how many commands there are."""
    with open_site() as site:
        populate(site, size)
        commands = commands_asked(site)
        # One shell, command after command: the cheapest way to run them by hand.
        script = "; ".join(f"{shlex.join(argv)} >/dev/null 2>&1" for argv in commands)
        raw = site.command("sh", "-c", script)
        ours = site.command(sys.executable, "-m", "pxedoctor", "diagnose", "--json")
        return interleaved(lambda: timed(ours), lambda: timed(raw), runs), len(commands)
