"""Of a plan, what changes the host now, and what only makes it last."""

from pxedoctor.plans.bridge import SetForwardDelay
from pxedoctor.plans.bridge_file import ConfigureBridge
from pxedoctor.plans.file import ChangeFile
from pxedoctor.plans.firewall import AddService, SetZone
from pxedoctor.plans.live_part import parted
from pxedoctor.plans.owners.owner import FileChange
from pxedoctor.plans.plan import NoPlan, Plan

CHANGE = FileChange(path="/etc/nftables.conf", before="a\n", after="a\nb\n")
NEW = FileChange(path="/etc/udev/rules.d/90-pxedoctor-x.rules", before=None, after="x\n")
KEPT = ChangeFile(words="DHCP is accepted", change=CHANGE)
MADE = ChangeFile(words="the sum is filled", change=NEW)
CONFIGURED = ConfigureBridge(owner="ifupdown", bridge="br0", words="a forward delay of 0 s", change=CHANGE)
LIVE = SetZone(interface="br0", zone="libvirt")
NOW = AddService(zone="public", service="dhcp")
ZONE_FILE = FileChange(path="/etc/firewalld/zones/public.xml", before=None, after="<zone/>\n")
GOOD = ChangeFile(words="firewalld's zone public lets dhcp in", change=ZONE_FILE)


def test_files_only_last() -> None:
    steps = (LIVE, NOW, GOOD, KEPT, MADE, CONFIGURED)
    found = parted(Plan(steps=steps, pending="p", other_ways=("w",)))
    assert found.live == Plan(steps=(LIVE, NOW), pending="p", other_ways=("w",))
    assert found.lasting == (GOOD, KEPT, MADE, CONFIGURED)


def test_a_plan_without_files_stays_whole() -> None:
    plan = Plan(steps=(SetForwardDelay(bridge="br0", seconds=2.0), NOW))
    assert parted(plan).live == plan
    assert parted(plan).lasting == ()


def test_where_files_are_all_of_it_nothing_is_left() -> None:
    found = parted(Plan(steps=(KEPT,)))
    assert isinstance(found.live, NoPlan)
    assert "/etc/nftables.conf" in found.live.because
