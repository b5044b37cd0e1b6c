"""ifcfg files of Red Hat's and of SUSE's: whether the device comes up at the start, its MTU, and its port's VLANs.

BRIDGE_PORT_VLANS is the key that NetworkManager's ifcfg-rh plugin reads and writes; its value is a keyfile's.
"""

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


PORT = "/etc/sysconfig/network-scripts/ifcfg-eno1"
VLAN = InVlan("eno1", "br0", 10)


@pytest.mark.parametrize(
    ("text", "out", "into"),
    [
        ("BRIDGE=br0 # kept\nONBOOT=yes\n", [], ["BRIDGE_PORT_VLANS=10"]),
        ('BRIDGE_UUID="6f0c"\n', [], ['BRIDGE_PORT_VLANS="10"']),
        ('BRIDGE=br0\nBRIDGE_PORT_VLANS="2-4 untagged"\n', None, ['BRIDGE_PORT_VLANS="2-4 untagged,10"']),
    ],
)
def test_a_port_in_a_vlan_more(text: str, out: list[str] | None, into: list[str]) -> None:
    (one,) = ifcfg.said(configured({PORT: text}), VLAN)
    assert isinstance(one.what, FileChange)
    assert edit(one.what) == (['BRIDGE_PORT_VLANS="2-4 untagged"'] if out is None else out, into)
    assert ifcfg.said(configured({PORT: one.what.after}), VLAN)[0].what == Already(PORT)


@pytest.mark.parametrize(
    ("path", "text", "programs", "words"),
    [
        (PORT, "BRIDGE=br1\n", (), "does not make eno1 a port of br0"),
        (PORT, "ONBOOT=yes\n", (), "does not make eno1 a port of br0"),
        (PORT, "BRIDGE=br0\nBRIDGE_PORT_VLANS=$MINE\n", (), "computed"),
        (PORT, "BRIDGE=br0\n", ("network-scripts",), "ifcfg (network-scripts) has no word"),
        ("/etc/sysconfig/network/ifcfg-eno1", "STARTMODE=auto\n", (), "wicked has no word"),
    ],
)
def test_ports_whose_vlans_are_told(path: str, text: str, programs: tuple[str, ...], words: str) -> None:
    (one,) = ifcfg.said(configured({path: text}, *programs), VLAN)
    assert isinstance(one.what, Told)
    assert words in one.what.because
    if "no word" in words:
        assert one.what.instead.endswith("that runs `bridge vlan add dev eno1 vid 10`")


@pytest.mark.parametrize("wish", [Up("br1"), Mtu("br0", 1500), InVlan("eno1", "br0", 10)])
def test_nothing_is_said(wish: Wish) -> None:
    assert ifcfg.said(configured({RED_HAT: "TYPE=Bridge\n"}), wish) == ()
