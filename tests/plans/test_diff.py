"""What a plan's step changes, as a unified diff: of files, and of the definitions that libvirt keeps."""

import subprocess
from pathlib import Path

import pytest

from builders import GUEST, MAC, domain, host, network, nic
from pxedoctor.access.redact import without_secrets
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Definition
from pxedoctor.plans.definition_text import edited
from pxedoctor.plans.dhcp_range import AddDhcpRange
from pxedoctor.plans.diff import diff_of, lines_of_diff
from pxedoctor.plans.guest import AddToBootOrder, SetNicDriver, SetNicMtu
from pxedoctor.plans.guest_rng import AddRng
from pxedoctor.plans.network import DefineForwardDelay, StartNetwork
from pxedoctor.plans.nic_link import PlugInCable
from pxedoctor.plans.request import EditDefinition
from pxedoctor.plans.step import Step

NETWORK = """\
<network>
  <name>default</name>
  <bridge name='virbr0' stp='on' delay='15'/>
  <ip address='192.168.122.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='192.168.122.100' end='192.168.122.102'/>
      <host mac='52:54:00:0d:0d:01' ip='192.168.122.5'/>
    </dhcp>
  </ip>
</network>
"""
DOMAIN = f"""\
<domain type='kvm'>
  <name>{GUEST}</name>
  <os>
    <type arch='x86_64'>hvm</type>
    <boot dev='hd'/>
  </os>
  <devices>
    <graphics type='vnc' passwd='hunter2'/>
    <interface type='network'>
      <mac address='{MAC}'/>
      <source network='default'/>
      <link state='down'/>
    </interface>
  </devices>
</domain>
"""
NETWORK_FILE, DOMAIN_FILE = "/etc/libvirt/qemu/networks/default.xml", f"/etc/libvirt/qemu/{GUEST}.xml"
HOST = host(
    networks=(network(definition=Definition(NETWORK_FILE, NETWORK)),),
    domains=(domain(nic(), definition=Definition(DOMAIN_FILE, without_secrets(DOMAIN))),),
)


def changed_lines(step: Step, of: Host = HOST) -> list[str]:
    return [line for line in lines_of_diff(diff_of(step.request(), of))[2:] if line[0] in "+-"]


def test_a_network_as_patch_takes_it(tmp_path: Path) -> None:
    """What is shown makes of libvirt's file what libvirt is given."""
    step = DefineForwardDelay(network="default", seconds=2)
    diff = diff_of(step.request(), HOST)
    assert diff.startswith(f"--- {NETWORK_FILE}\n+++ {NETWORK_FILE}\n@@ -1,5 +1,5 @@\n <network>\n")
    assert changed_lines(step) == [
        "-  <bridge name='virbr0' stp='on' delay='15'/>",
        "+  <bridge name='virbr0' stp='on' delay='2'/>",
    ]
    file = tmp_path / "default.xml"
    file.write_text(NETWORK)
    subprocess.run(["patch", file], input=diff, text=True, check=True)
    edit = step.request()
    assert isinstance(edit, EditDefinition)
    assert file.read_text() == edited(NETWORK, edit)


@pytest.mark.parametrize(
    ("step", "lines"),
    [
        (SetNicDriver(domain=GUEST, mac=MAC), ["+      <driver name='qemu'/>"]),
        (SetNicMtu(domain=GUEST, mac=MAC, mtu=1400), ["+      <mtu size='1400'/>"]),
        (AddToBootOrder(domain=GUEST, mac=MAC, place=None), ["+    <boot dev='network'/>"]),
        (
            AddRng(domain=GUEST),
            ["+    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"],
        ),
        (
            PlugInCable(domain=GUEST, mac=MAC, where="config"),
            ["-      <link state='down'/>", "+      <link state='up'/>"],
        ),
        (
            AddDhcpRange(network="default", first="192.168.122.110", last="192.168.122.119"),
            ["+      <range start='192.168.122.110' end='192.168.122.119'/>"],
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_step_that_has_libvirt_write_a_definition(step: Step, lines: list[str]) -> None:
    assert changed_lines(step) == lines


def test_what_changes_no_definition_shows_none() -> None:
    live = PlugInCable(domain=GUEST, mac=MAC, where="live")
    assert diff_of(live.request(), HOST) == diff_of(StartNetwork(network="default", bridge="b").request(), HOST) == ""
    there = DefineForwardDelay(network="default", seconds=15)
    assert diff_of(there.request(), HOST) == ""


def test_no_secret_is_shown() -> None:
    """The line beside the change is the one with the password."""
    screen = "    <graphics type='vnc' passwd='hunter2'/>\n"
    beside = DOMAIN.replace(screen, "").replace("  </devices>\n", f"{screen}  </devices>\n")
    guest = domain(nic(), definition=Definition(DOMAIN_FILE, without_secrets(beside)))
    diff = diff_of(SetNicMtu(domain=GUEST, mac=MAC, mtu=1400).request(), host(domains=(guest,)))
    assert "     <graphics type='vnc' passwd='*****'/>\n" in diff
    assert "hunter2" not in diff


@pytest.mark.parametrize(
    "of",
    [
        host(networks=Missing("forbidden", "closed")),
        host(networks=()),
        host(networks=(network(),)),
        host(networks=(network(definition=Definition(NETWORK_FILE, "<network/>")),)),
        host(networks=(network(definition=Definition(NETWORK_FILE, "<network")),)),
    ],
    ids=["closed", "not defined", "not read", "other by now", "broken"],
)
def test_a_definition_that_nobody_could_read_is_told_in_words_alone(of: Host) -> None:
    delay = DefineForwardDelay(network="default", seconds=2)
    cable = PlugInCable(domain=GUEST, mac=MAC, where="config")
    assert diff_of(cable.request(), of) == ""
    assert "-  <bridge" not in diff_of(delay.request(), of)


def test_a_separator_in_a_definition_begins_no_line_of_the_diff() -> None:
    text = NETWORK.replace("<name>", "<description>\u2028+ nobody wrote this\x85</description><name>")
    hostile = host(networks=(network(definition=Definition(NETWORK_FILE, text)),))
    diff = diff_of(DefineForwardDelay(network="default", seconds=2).request(), hostile)
    assert "nobody wrote this" in diff
    assert not [line for line in lines_of_diff(diff) if line.startswith("+ nobody")]
    assert [line[0] for line in lines_of_diff(diff)] == list("-+@  -+  ")
