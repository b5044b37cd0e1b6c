"""systemd.network(5) and systemd.netdev(5): what they say of a device, and the change of one entry."""

import pytest

from owned import configured, edit
from pxedoctor.plans.devices import networkd
from pxedoctor.plans.devices.wish import Already, InVlan, Mtu, Up, Wish
from pxedoctor.plans.owners.owner import FileChange, Told

FOLDER = "/etc/systemd/network"
UNIT = f"{FOLDER}/20-eno1.network"
TEXT = "# kept\n[Match]\nName=eno1\n\n[Link]\nMTUBytes=1400\nActivationPolicy=manual\n"
VLAN = InVlan("eno1", "br0", 10)


def what(wish: Wish, **texts: str) -> FileChange | Told | Already:
    (one,) = networkd.said(configured({UNIT: TEXT} | {f"{FOLDER}/{name}": text for name, text in texts.items()}), wish)
    return one.what


@pytest.mark.parametrize(
    ("wish", "out", "into"),
    [
        (Up("eno1"), ["ActivationPolicy=manual"], ["ActivationPolicy=up"]),
        (Mtu("eno1", 1500), ["MTUBytes=1400"], ["MTUBytes=1500"]),
    ],
)
def test_one_entry(wish: Wish, out: list[str], into: list[str]) -> None:
    change = what(wish)
    assert isinstance(change, FileChange)
    assert edit(change) == (out, into)


def test_a_vlan_more_is_a_drop_in_of_its_own() -> None:
    change = what(VLAN)
    assert isinstance(change, FileChange)
    assert (change.path, change.before) == (f"{UNIT}.d/90-pxedoctor-vlan-10.conf", None)
    assert change.after.endswith("[BridgeVLAN]\nVLAN=10\n")


@pytest.mark.parametrize("vlans", ["VLAN=10", "VLAN=2-20", "PVID=10"])
def test_a_vlan_that_is_there(vlans: str) -> None:
    has = f"[Match]\nName=eno1\n[BridgeVLAN]\nVLAN=7\n[BridgeVLAN]\n{vlans}\n"
    assert isinstance(networkd.said(configured({UNIT: has}), VLAN)[0].what, Already)


def test_the_mtu_of_a_device_that_networkd_makes() -> None:
    netdev = "[NetDev]\nName=br0\nKind=bridge\nMTUBytes=1400\n"
    (one,) = networkd.said(configured({f"{FOLDER}/br0.netdev": netdev}), Mtu("br0", 1500))
    assert isinstance(one.what, FileChange)
    assert edit(one.what) == (["MTUBytes=1400"], ["MTUBytes=1500"])


@pytest.mark.parametrize("name", ["eno*", "eno1 eno2", "eno?"])
@pytest.mark.parametrize("wish", [Up("eno1"), Mtu("eno1", 1500), VLAN])
def test_a_file_about_others_too_is_told(name: str, wish: Wish) -> None:
    (one,) = networkd.said(configured({UNIT: TEXT.replace("Name=eno1", f"Name={name}")}), wish)
    assert isinstance(one.what, Told)
    assert "more devices" in one.what.because


def test_a_packages_file_is_told() -> None:
    (one,) = networkd.said(configured({"/usr/lib/systemd/network/20-eno1.network": TEXT}), Up("eno1"))
    assert isinstance(one.what, Told)


def test_netplans_own_files_are_netplans() -> None:
    assert networkd.said(configured({"/run/systemd/network/10-netplan-eno1.network": TEXT}), Up("eno1")) == ()


@pytest.mark.parametrize("wish", [Up("eno9"), Mtu("eno9", 1500), InVlan("eno9", "br0", 10)])
def test_nothing_is_said(wish: Wish) -> None:
    assert networkd.said(configured({UNIT: TEXT}), wish) == ()
