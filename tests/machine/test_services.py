"""What only a host with systemd shows: daemons asleep, services restarted, a timer that waits, the keeper as a unit."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pxedoctor.lab.machine.machine import Machine
from pxedoctor.lab.machine.pool import thawed
from pxedoctor.lab.machine.recipe import RECIPES

pytestmark = pytest.mark.machine

UNIT = Path(__file__).resolve().parents[2] / "packaging" / "systemd" / "pxedoctor-watch.service"
NETWORK = """\
<network><name>lab</name><bridge name='virbr9' stp='on' delay='15'/>
<ip address='192.168.150.1' netmask='255.255.255.0'>
<dhcp><range start='192.168.150.10' end='192.168.150.99'/></dhcp></ip>
</network>
"""
DAEMONS = ("libvirtd", "virtlogd", "virtlockd")


@pytest.fixture
def machine() -> Iterator[Machine]:
    with thawed(RECIPES["bookworm"], print) as opened:
        yield opened


def doctor(machine: Machine, *words: str) -> dict[str, Any]:
    done = machine.ask("pxedoctor", *words, "--json")
    assert done.stdout, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def states(machine: Machine, *units: str) -> list[str]:
    return machine.ask("systemctl", "is-active", *units).stdout.split()


def modules(machine: Machine) -> set[str]:
    return {line.split()[0] for line in machine.run("cat", "/proc/modules").splitlines()}


def test_what_sleeps_is_left_asleep_and_no_module_is_loaded(machine: Machine) -> None:
    assert states(machine, *DAEMONS) == ["inactive"] * len(DAEMONS)
    assert states(machine, "libvirtd.socket") == ["active"]
    before = modules(machine)
    assert "br_netfilter" not in before
    document = doctor(machine, "diagnose", "--all")
    assert "error" not in document.get("type", "")
    assert states(machine, *DAEMONS) == ["inactive"] * len(DAEMONS)
    assert modules(machine) == before


def test_what_sleeps_is_woken_by_wake_and_answers(machine: Machine) -> None:
    """systemd's own sockets; and what started says so."""
    assert states(machine, "libvirtd", "libvirtd.socket") == ["inactive", "active"]
    asleep = doctor(machine, "diagnose", "--all")
    document = doctor(machine, "diagnose", "--all", "--wake")
    assert states(machine, "libvirtd") == ["active"]
    said = [source["why"] for told in (asleep, document) for source in told["sources"] if source["name"] == "libvirt"]
    assert said[0] == "libvirtd: not woken (--wake would), its files were read"
    assert said[1].startswith("libvirtd slept and was woken by --wake: ")


def test_a_repair_that_nobody_keeps_is_taken_back_by_a_timer_of_systemd(machine: Machine) -> None:
    machine.write("/root/network.xml", NETWORK)
    machine.run("virsh", "net-define", "/root/network.xml")
    machine.run("virsh", "net-start", "lab")
    delay = "/sys/class/net/virbr9/bridge/forward_delay"
    assert machine.read(delay) == b"1500\n"
    words = ("--network", "lab", "--only", "bridge-forward-delay", "--apply", "--yes", "--revert-after", "20")
    told = doctor(machine, "fix", *words)
    assert told["outcome"] == "verified", told
    assert machine.read(delay) != b"1500\n"
    # Nobody's child: systemd's own timer. What started it is gone.
    assert "run-" in machine.run("systemctl", "list-timers", "--all")
    deadline = time.monotonic() + 300
    while machine.read(delay) != b"1500\n" and time.monotonic() < deadline:
        time.sleep(2)
    assert machine.read(delay) == b"1500\n"


def test_the_keeper_as_a_unit_hears_a_service_restart_that_flushes_libvirts_rules(machine: Machine) -> None:
    machine.write("/root/network.xml", NETWORK.replace("15'/>", "0'/>"))
    machine.run("virsh", "net-define", "/root/network.xml")
    machine.run("virsh", "net-start", "lab")
    machine.write("/etc/systemd/system/pxedoctor-watch.service", UNIT.read_bytes())
    machine.run("ln", "-s", "/opt/pxedoctor/bin/pxedoctor", "/usr/bin/pxedoctor")
    machine.run("systemctl", "start", "pxedoctor-watch")
    assert states(machine, "pxedoctor-watch") == ["active"]
    machine.run("systemctl", "start", "nftables")
    deadline = time.monotonic() + 120
    while "nftables" not in (told := machine.ask("pxedoctor", "events", "--json").stdout):
        assert time.monotonic() < deadline, told
        time.sleep(2)
    machine.run("systemctl", "stop", "pxedoctor-watch")
    assert machine.ask("systemctl", "show", "-P", "Result", "pxedoctor-watch").stdout == "success\n"


def test_the_units_sandbox_lets_it_hear_all_but_audit_and_who_asked_firewalld(machine: Machine) -> None:
    """BecomeMonitor, fanotify, pidfds and /proc of others, with the capabilities and the filters of the unit."""
    machine.write("/root/network.xml", NETWORK.replace("15'/>", "0'/>"))
    machine.run("systemctl", "start", "firewalld")
    machine.run("virsh", "net-define", "/root/network.xml")
    machine.run("virsh", "net-start", "lab")
    machine.write("/etc/systemd/system/pxedoctor-watch.service", UNIT.read_bytes())
    machine.run("ln", "-s", "/opt/pxedoctor/bin/pxedoctor", "/usr/bin/pxedoctor")
    machine.run("systemctl", "start", "pxedoctor-watch")
    listening = next(event for event in reversed(events(machine)) if event["event"] == "listening")
    deaf = {source["name"]: source["why"] for source in listening["sources"] if not source["heard"]}
    # br_netfilter is not loaded, and nobody loads it.
    assert set(deaf) <= {"audit", "sysctls"}, deaf
    machine.run("firewall-cmd", "--zone=libvirt", "--remove-service=dhcp")
    deadline = time.monotonic() + 180
    while not (broken := [event for event in events(machine) if event["event"] == "appeared" and event["who"]]):
        assert time.monotonic() < deadline, events(machine)
        time.sleep(2)
    asked = broken[0]["who"]["asked_by"]
    assert asked is not None, broken[0]["who"]
    assert asked["program"].startswith("firewall-cmd --zone=libvirt --remove-service=dhcp"), asked


def events(machine: Machine) -> list[dict[str, Any]]:
    return [json.loads(line) for line in machine.ask("pxedoctor", "events", "--json").stdout.splitlines()]
