"""NetworkManager's profiles: whether a bridge comes up by itself, its MTU, and the VLANs of its ports."""

import pytest

from owned import configured, edit
from pxedoctor.model.process import Process
from pxedoctor.plans.devices import keyfile
from pxedoctor.plans.devices.wish import Already, InVlan, Mtu, Up, Wish
from pxedoctor.plans.owners.owner import FileChange, Told

PATH = "/etc/NetworkManager/system-connections/br0.nmconnection"
TEXT = "[connection]\ntype=bridge\ninterface-name=br0\nautoconnect=false\n\n[ethernet]\nmtu=1400\n"
RUNS = (Process(pid=7, parent=1, state="S", name="NetworkManager", command="NetworkManager"),)


@pytest.mark.parametrize(
    ("wish", "out", "into"),
    [
        (Up("br0"), ["autoconnect=false"], ["autoconnect=true"]),
        (Mtu("br0", 1500), ["mtu=1400"], ["mtu=1500"]),
    ],
)
def test_one_entry_and_networkmanager_is_told(wish: Wish, out: list[str], into: list[str]) -> None:
    (one,) = keyfile.said(configured({PATH: TEXT}, processes=RUNS), wish)
    assert isinstance(one.what, FileChange)
    assert edit(one.what) == (out, into)
    assert one.what.then == (("nmcli", "connection", "load", PATH),)


@pytest.mark.parametrize("mtu", ["0", "9000"])
def test_a_profile_that_is_right(mtu: str) -> None:
    text = TEXT.replace("autoconnect=false\n", "").replace("1400", mtu)
    assert [keyfile.said(configured({PATH: text}), wish)[0].what for wish in (Up("br0"), Mtu("br0", 1500))] == [
        Already(PATH),
        Already(PATH),
    ]


def test_no_number() -> None:
    (one,) = keyfile.said(configured({PATH: TEXT.replace("1400", "jumbo")}), Mtu("br0", 1500))
    assert isinstance(one.what, Told)


PORT = "/etc/NetworkManager/system-connections/eno1.nmconnection"
PORT_TEXT = "[connection]\ntype=ethernet\ninterface-name=eno1\nslave-type=bridge\nmaster=br0\n"
VLAN = InVlan("eno1", "br0", 10)


@pytest.mark.parametrize(
    ("text", "out", "into"),
    [
        (PORT_TEXT, [], ["", "[bridge-port]", "vlans=10"]),
        (PORT_TEXT + "\n[bridge-port]\npath-cost=9\n", [], ["vlans=10"]),
        (PORT_TEXT + "[bridge-port]\nvlans=2-4 untagged\n", ["vlans=2-4 untagged"], ["vlans=2-4 untagged,10"]),
        (
            PORT_TEXT.replace("slave-type", "port-type").replace("master", "controller"),
            [],
            ["", "[bridge-port]", "vlans=10"],
        ),
    ],
)
def test_a_port_in_a_vlan_more(text: str, out: list[str], into: list[str]) -> None:
    (one,) = keyfile.said(configured({PORT: text}, processes=RUNS), VLAN)
    assert isinstance(one.what, FileChange)
    assert edit(one.what) == (out, into)
    assert one.what.then == (("nmcli", "connection", "load", PORT),)
    assert keyfile.said(configured({PORT: one.what.after}), VLAN)[0].what == Already(PORT)


def test_a_port_that_names_its_bridges_profile() -> None:
    texts = {PORT: PORT_TEXT.replace("=br0", "=6f0c"), PATH: TEXT.replace("type=bridge", "type=bridge\nuuid=6f0c")}
    assert isinstance(keyfile.said(configured(texts), VLAN)[0].what, FileChange)
    assert keyfile.said(configured({PORT: texts[PORT]}), VLAN) == ()


@pytest.mark.parametrize("wish", [Up("br1"), Mtu("br1", 1500), InVlan("eno1", "br0", 10)])
def test_nothing_is_said(wish: Wish) -> None:
    assert keyfile.said(configured({PATH: TEXT}), wish) == ()
