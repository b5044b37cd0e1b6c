"""ifcfg files of Red Hat's and of SUSE's: whether the device comes up at the start, and its MTU."""

import pytest

from owned import configured, edit
from pxedoctor.plans.devices import ifcfg
from pxedoctor.plans.devices.wish import Already, InVlan, Mtu, Up, Wish
from pxedoctor.plans.owners.owner import FileChange, Told

RED_HAT = "/etc/sysconfig/network-scripts/ifcfg-br0"
SUSE = "/etc/sysconfig/network/ifcfg-br0"


@pytest.mark.parametrize(
    ("path", "owner", "wish", "before", "after"),
    [
        (RED_HAT, "ifcfg (NetworkManager)", Up("br0"), 'ONBOOT="no" # for now', 'ONBOOT="yes" # for now'),
        (RED_HAT, "ifcfg (NetworkManager)", Mtu("br0", 1500), "MTU=1400", "MTU=1500"),
        (SUSE, "wicked", Up("br0"), "STARTMODE='manual'", "STARTMODE='auto'"),
        (SUSE, "wicked", Mtu("br0", 1500), "MTU='1400'", "MTU='1500'"),
    ],
)
def test_one_assignment(path: str, owner: str, wish: Wish, before: str, after: str) -> None:
    (one,) = ifcfg.said(configured({path: f"# kept\nTYPE=Bridge\n{before}\n"}), wish)
    assert isinstance(one.what, FileChange)
    assert edit(one.what) == ([before], [after])
    assert one.owner == owner


def test_what_is_right_and_what_is_computed() -> None:
    assert ifcfg.said(configured({RED_HAT: "ONBOOT=yes\n"}), Up("br0"))[0].what == Already(RED_HAT)
    assert isinstance(ifcfg.said(configured({RED_HAT: "MTU=big\n"}), Mtu("br0", 1500))[0].what, Told)


@pytest.mark.parametrize("wish", [Up("br1"), Mtu("br0", 1500), InVlan("br0", "br0", 10)])
def test_nothing_is_said(wish: Wish) -> None:
    assert ifcfg.said(configured({RED_HAT: "TYPE=Bridge\n"}), wish) == ()
