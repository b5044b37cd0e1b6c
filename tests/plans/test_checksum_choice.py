"""Who fills the sums, now and for good: iptables and whoever keeps its rules; libvirt; tc; the kernel."""

import pytest

from builders import host, network
from pxedoctor.model.firewall_files import FirewallFile
from pxedoctor.model.firewalld import Firewalld
from pxedoctor.model.host import Host
from pxedoctor.model.netfilter import Netfilter
from pxedoctor.model.network_files import NetworkFiles
from pxedoctor.model.process import Process
from pxedoctor.model.traffic_control import TcText
from pxedoctor.plans.checksum import FillInKernel, HangChecksumFilter, HangQueue
from pxedoctor.plans.checksum_choice import fill_sums
from pxedoctor.plans.diff import diff_of
from pxedoctor.plans.file import ChangeFile
from pxedoctor.plans.firewall import AddChecksumRule
from pxedoctor.plans.step import Step

IPTABLES = NetworkFiles(programs=("iptables",))
UDEV = (Process(pid=2, parent=1, state="S", name="systemd-udevd", command=""),)
RULE = "POSTROUTING -o br0 -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill"
SAVED = "*mangle\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n*filter\nCOMMIT\n"


def steps(**facts: object) -> tuple[Step, ...]:
    return fill_sums(_host(**facts), "br0").steps


def _host(**facts: object) -> Host:
    values: dict[str, object] = {"netfilter": Netfilter(), "network_files": IPTABLES, "networks": (), "processes": UDEV}
    return host(**(values | facts))


def kept(**facts: object) -> str:
    live, lasting = steps(**facts)
    assert live == AddChecksumRule(bridge="br0")
    assert isinstance(lasting, ChangeFile)
    return diff_of(lasting.request())


def test_iptables_persistent_keeps_it_in_its_mangle_table() -> None:
    files = (FirewallFile(path="/etc/iptables/rules.v4", text=SAVED),)
    assert f" :POSTROUTING ACCEPT [0:0]\n+-A {RULE}\n COMMIT\n" in kept(firewall_files=files)


def test_firewalld_keeps_it_as_a_direct_rule() -> None:
    shown = kept(firewalld=Firewalld(running=True), firewall_files=())
    assert "+++ /etc/firewalld/direct.xml\n" in shown
    assert '+  <rule ipv="ipv4" table="mangle" chain="POSTROUTING" priority="0">-o br0 -p udp' in shown


@pytest.mark.parametrize("text", ["*filter\nCOMMIT\n", ""], ids=["no mangle table", "empty"])
def test_where_nobody_keeps_that_table_udev_writes_it_whenever_the_bridge_is_made(text: str) -> None:
    """A section of its own would have each load of the file empty the table, libvirt's rules in it, too."""
    shown = kept(firewall_files=(FirewallFile(path="/etc/iptables/rules.v4", text=text),))
    assert f'RUN+="/usr/bin/env iptables -w -t mangle -D {RULE}", ' in shown
    assert f'RUN+="/usr/bin/env iptables -w -t mangle -A {RULE}"' in shown


def test_without_udev_it_is_told() -> None:
    plan = fill_sums(_host(processes=()), "br0")
    assert plan.steps == (AddChecksumRule(bridge="br0"),)
    assert plan.other_ways[0].startswith("For good: `iptables -w -t mangle -A POSTROUTING -o br0")


def test_libvirts_own_network_needs_nothing_for_good() -> None:
    plan = fill_sums(_host(networks=(network(bridge="br0"),)), "br0")
    assert plan.steps == (AddChecksumRule(bridge="br0"),)
    assert "For good: nothing is needed; libvirt writes its own rule when it next starts." in plan.other_ways


def test_without_iptables_libvirts_filter_where_the_kernel_has_its_parts() -> None:
    made = steps(network_files=NetworkFiles(), modules=("act_csum", "cls_u32", "sch_htb"))
    assert made[:2] == (HangQueue(bridge="br0"), HangChecksumFilter(bridge="br0"))
    assert isinstance(made[2], ChangeFile)
    assert "action csum ip and udp" in made[2].change.after


@pytest.mark.parametrize(
    "changes",
    [
        {"modules": ("cls_u32", "sch_htb")},
        {
            "modules": ("act_csum", "cls_u32", "sch_htb"),
            "traffic_control": (TcText(device="br0", filters="", origin="tc", root="cake 8001:"),),
        },
    ],
    ids=["no act_csum", "somebody else's queue"],
)
def test_with_neither_the_kernel_fills_them_itself(changes: dict[str, object]) -> None:
    live, lasting = steps(network_files=NetworkFiles(), **changes)
    assert live == FillInKernel(bridge="br0")
    assert isinstance(lasting, ChangeFile)
    assert 'RUN+="/usr/bin/env ethtool -K br0 tx off"' in lasting.change.after
