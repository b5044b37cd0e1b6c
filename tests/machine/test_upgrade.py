"""An upgrade restarts firewalld while libvirt sleeps: the keeper, as its unit, names it and puts the zone back.

1. apt upgrades firewalld itself, whose maintainer script restarts it;
2. apt upgrades a library that firewalld has open, and needrestart, which apt runs, restarts it.
"""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pxedoctor.lab.machine.machine import Machine
from pxedoctor.lab.machine.pool import thawed
from pxedoctor.lab.machine.recipe import RECIPES

pytestmark = pytest.mark.machine

UNITS = Path(__file__).resolve().parents[2] / "packaging" / "systemd"
UNIT = "/etc/systemd/system/pxedoctor-watch.service"
POLICY = '[causes]\nfirewalld-zone-lost = "repair"\n'
NETWORK = """\
<network><name>lab</name><forward mode='nat'/><bridge name='virbr9' stp='on' delay='0'/>
<ip address='192.168.150.1' netmask='255.255.255.0'>
<dhcp><range start='192.168.150.10' end='192.168.150.99'/></dhcp></ip>
</network>
"""
# The package as it is installed, with a higher version: there is no mirror in a machine.
NEWER = """
folder=$(mktemp -d); chmod 755 "$folder"; mkdir "$folder/DEBIAN"
for name in $(dpkg-query --control-list "$0"); do
  cp "$(dpkg-query --control-path "$0" "$name")" "$folder/DEBIAN/$name"
done
dpkg-query -s "$0" | awk '/^Status:/ {next} /^Conffiles:/ {skip = 1; next} /^ / && skip {next}
  {skip = 0} /^Version:/ {$0 = $0 "+newer"} {print}' >"$folder/DEBIAN/control"
dpkg-query -L "$0" | while read -r path; do
  if [ ! -d "$path" ] && [ -e "$path" ]; then echo ".$path"; fi
done | tar -C / --no-recursion -cf - -T - | tar -C "$folder" -xf -
dpkg-deb --root-owner-group -Znone --build "$folder" /root/newer.deb
"""
UPGRADE = ("env", "DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_MODE=a", "NEEDRESTART_UI=NeedRestart::UI::stdio")
APT = ("apt-get", "install", "-y", "-o", "APT::Sandbox::User=root", "/root/newer.deb")
# By way of libnftables; of those between, one whose version no other package names exactly.
LIBRARY = "libjansson4"
_SECONDS = 600


@pytest.fixture
def machine() -> Iterator[Machine]:
    with thawed(RECIPES["bookworm"], print) as opened:
        opened.write("/root/network.xml", NETWORK)
        opened.run("systemctl", "start", "firewalld")
        opened.run("virsh", "net-define", "/root/network.xml")
        opened.run("virsh", "net-start", "lab")
        # As it goes by itself after two minutes; only its socket is left.
        opened.run("systemctl", "stop", "libvirtd")
        opened.run("mkdir", "-p", f"{UNIT}.d", "/etc/pxedoctor")
        opened.write(UNIT, (UNITS / "pxedoctor-watch.service").read_bytes())
        opened.write(f"{UNIT}.d/repair.conf", (UNITS / "repair.conf").read_bytes())
        opened.write("/etc/pxedoctor/keeper.toml", POLICY)
        opened.run("ln", "-s", "/opt/pxedoctor/bin/pxedoctor", "/usr/bin/pxedoctor")
        # On its first run it would only tell.
        opened.run("systemctl", "start", "pxedoctor-watch")
        opened.run("systemctl", "restart", "pxedoctor-watch")
        yield opened


def zone(machine: Machine) -> str:
    return machine.ask("firewall-cmd", "--get-zone-of-interface=virbr9").stdout.strip()


def daemon(machine: Machine) -> str:
    return machine.run("systemctl", "show", "-P", "MainPID", "firewalld").strip()


def upgrade(machine: Machine, package: str) -> str:
    machine.run("bash", "-ec", NEWER, package)
    return machine.run(*UPGRADE, *APT, seconds=_SECONDS)


def event(machine: Machine, *, after: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first such event that was told after this time, waited for."""
    deadline = time.monotonic() + _SECONDS
    while True:
        lines = machine.ask("pxedoctor", "events", "--json").stdout.splitlines()
        told: list[dict[str, Any]] = [json.loads(line) for line in lines]
        for one in told:
            if one["time"] > after and wanted(one):
                return one
        assert time.monotonic() < deadline, told
        time.sleep(2)


def is_about_the_zone(word: str) -> Callable[[dict[str, Any]], bool]:
    return lambda one: one["event"] == word and (one["finding"] or {}).get("name") == "firewalld-zone-lost"


def now(machine: Machine) -> str:
    return machine.run("date", "-u", "+%FT%TZ").strip()


def is_put_back(machine: Machine, before: str, started: str) -> dict[str, Any]:
    """firewalld is another process, its zone was lost, and is there again. What was told of the loss."""
    assert daemon(machine) != before
    appeared = event(machine, after=started, wanted=is_about_the_zone("appeared"))
    repaired = event(machine, after=started, wanted=is_about_the_zone("repaired"))
    assert repaired["outcome"] == "verified", repaired
    assert zone(machine) == "libvirt"
    # Nobody woke libvirt, which would have done it, too.
    assert machine.ask("systemctl", "is-active", "libvirtd").stdout.strip() == "inactive"
    return appeared


def test_an_upgrade_of_firewalld_and_one_of_what_it_has_open(
    machine: Machine, record_property: Callable[[str, object], None]
) -> None:
    assert zone(machine) == "libvirt"
    before, started = daemon(machine), now(machine)
    upgrade(machine, "firewalld")
    record_property("words", is_put_back(machine, before, started))

    before, started = daemon(machine), now(machine)
    assert "firewalld.service" in upgrade(machine, LIBRARY)
    record_property("words", is_put_back(machine, before, started))
