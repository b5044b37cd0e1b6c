"""Arch's netctl: it has no word for STP, which is said."""

from owned import OFF, configured, setting, the_claim
from pxedoctor.model.bridge_owner import Setting, Unclear
from pxedoctor.plans.owners import netctl
from pxedoctor.plans.owners.owner import Told

PROFILE = "Description='x'\nInterface=br0\nConnection=bridge\nBindsToInterfaces=(eth0)\nSkipForwardingDelay=yes\n"


def test_found_and_told() -> None:
    on = configured({"/etc/netctl/br": PROFILE, "/etc/netctl/wire": "Interface=br0\nConnection=ethernet\n"})
    assert setting(netctl, on) == Setting(stp=False)
    assert isinstance(netctl.change(on, the_claim(netctl, on), OFF), Told)


def test_a_command_of_its_own() -> None:
    on = configured({"/etc/netctl/br": f"{PROFILE}ExecUpPost='brctl stp br0 on'\n"})
    assert isinstance(setting(netctl, on), Unclear)
