"""A rule of iptables kept for good: in the file that holds the rules, by firewalld, by udev, or by nobody."""

import pytest

from builders import host
from pxedoctor.model.firewall_files import FirewallFile
from pxedoctor.model.firewalld import Firewalld
from pxedoctor.model.process import Process
from pxedoctor.plans.kept_rule import by_udev, kept
from pxedoctor.plans.tftp_helper import AddTftpHelper

WANTED = AddTftpHelper(bridge="br0").kept
UDEV = (Process(pid=2, parent=1, state="S", name="udevd", command=""),)
RAW = FirewallFile(path="/etc/iptables/rules.v4", text="*raw\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n")


@pytest.mark.parametrize(
    ("facts", "path", "words"),
    [
        ({"firewall_files": (RAW,)}, RAW.path, "-A PREROUTING -i br0 -p udp -m udp --dport 69 -j CT --helper tftp\n"),
        ({"firewalld": Firewalld(running=True)}, "/etc/firewalld/direct.xml", 'table="raw" chain="PREROUTING"'),
        ({}, "/etc/udev/rules.d/90-pxedoctor-tftp-helper-br0.rules", "-t raw -A PREROUTING -i br0"),
    ],
    ids=["a file", "firewalld", "udev"],
)
def test_by_whoever_keeps_the_rules(facts: dict[str, object], path: str, words: str) -> None:
    step = kept(host(processes=UDEV, **({"firewall_files": ()} | facts)), WANTED)
    assert step is not None
    assert step.change.path == path
    assert words in step.change.after


def test_by_nobody() -> None:
    assert kept(host(processes=(), firewall_files=()), WANTED) is None
    assert by_udev(host(processes=()), WANTED) is None
