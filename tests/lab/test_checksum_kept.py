"""Sums filled without a rule of iptables, and what keeps them filled: judged by the kernel, udev and firewalld."""

import sys
from collections.abc import Iterator

import msgspec
import pytest

from builders import host
from pxedoctor.lab.checksum_guests import site_with_resident, tap_reader
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site
from pxedoctor.plans.at_boot import when_made
from pxedoctor.plans.checksum import FillInKernel
from pxedoctor.plans.file import ChangeFile
from pxedoctor.plans.firewall import AddChecksumRule
from pxedoctor.plans.firewall_kept import kept_by_firewalld
from pxedoctor.plans.request import Request
from pxedoctor.plans.step import Inverse

pytestmark = pytest.mark.lab

_GRANT = """
import sys, msgspec
from pxedoctor.apply.grant import grant
from pxedoctor.plans.request import Request
grant(msgspec.json.decode(sys.argv[1], type=Request))
"""


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as opened:
        yield opened


def grant(site: Site, request: Request) -> None:
    site.run(sys.executable, "-c", _GRANT, msgspec.json.encode(request).decode())


def test_the_kernel_fills_what_the_bridge_does_not_take_and_undone_it_is_as_before(site: Site) -> None:
    site_with_resident(site)
    rule = f"LIBVIRT_PRT -o {site.bridge} -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill"
    site.run("iptables", "-w", "-t", "mangle", "-D", *rule.split())
    features = site.run("ethtool", "-k", site.bridge)
    assert not tap_reader(site).ok
    step = FillInKernel(bridge=site.bridge)
    grant(site, step.request())
    assert tap_reader(site).ok
    back = step.undo(host())
    assert isinstance(back, Inverse)
    grant(site, back.request)
    assert site.run("ethtool", "-k", site.bridge) == features
    assert not tap_reader(site).ok


def test_udev_reads_the_rule_and_its_commands_work_twice(site: Site) -> None:
    """udevadm(8) test is udev's own reader; it says what it would run, and runs nothing."""
    site.run("ip", "link", "add", site.bridge, "type", "bridge")
    rule = AddChecksumRule(bridge=site.bridge)
    change = when_made(site.bridge, "checksum", (rule.undo_argv(), rule.argv()))
    assert change is not None
    grant(site, ChangeFile(words="filled", change=change).request())
    said = site.run("sh", "-c", f"udevadm test --action=add /sys/class/net/{site.bridge} 2>&1")
    runs = [
        line.removeprefix("run: '").removesuffix("'")
        for line in said.splitlines()
        if line.startswith("run: '/usr/bin/env")
    ]
    assert len(runs) == 2
    for _ in range(2):
        for command in runs:
            site.ask(*command.split())
    assert site.run("iptables-save", "-t", "mangle").count("-j CHECKSUM") == 1
    grant(site, ChangeFile(words="filled", change=change).undo(host()).request)  # type: ignore[union-attr]
    assert not site.path(change.path).exists()


def test_firewalld_takes_the_direct_rule(site: Site) -> None:
    change = kept_by_firewalld(host(firewall_files=()), "mangle", AddChecksumRule(bridge="br0").rule)
    assert change is not None
    grant(site, ChangeFile(words="filled", change=change).request())
    shown = site.run("firewall-offline-cmd", "--direct", "--get-all-rules")
    assert shown == "ipv4 mangle POSTROUTING 0 -o br0 -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill\n"
    broken = msgspec.structs.replace(change, path="/etc/firewalld/direct.xml", after="<direct>\n")
    site.path(change.path).unlink()
    with pytest.raises(Exception, match="check-config"):
        grant(site, ChangeFile(words="filled", change=broken).request())
    assert not site.path(change.path).exists()
