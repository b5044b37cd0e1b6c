"""netplan: the mtu where it is written, what it brings up, and which renderer a port's VLANs are for."""

import pytest

from owned import configured, edit
from pxedoctor.plans.devices import netplan
from pxedoctor.plans.devices.wish import Already, InVlan, Mtu, Up, Wish
from pxedoctor.plans.owners.owner import FileChange, Told

PATH = "/etc/netplan/50.yaml"
TEXT = "# kept\nnetwork:\n  ethernets:\n    eno1: {mtu: 1400, dhcp4: false}  # kept too\n"


def test_the_number_alone_is_changed() -> None:
    (one,) = netplan.said(configured({PATH: TEXT}), Mtu("eno1", 1500))
    assert isinstance(one.what, FileChange)
    assert edit(one.what) == (
        ["    eno1: {mtu: 1400, dhcp4: false}  # kept too"],
        ["    eno1: {mtu: 1500, dhcp4: false}  # kept too"],
    )
    assert one.what.then == (("netplan", "generate"),)


def test_the_last_file_counts() -> None:
    later = {PATH: TEXT, "/etc/netplan/60.yaml": "network: {ethernets: {eno1: {mtu: 9000}}}\n"}
    (one,) = netplan.said(configured(later), Mtu("eno1", 1500))
    assert one.what == Already("/etc/netplan/60.yaml")


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        (TEXT.replace("1400", '"1400"'), Mtu("eno1", 1500)),
        (TEXT.replace("mtu: 1400", "activation-mode: manual"), Up("eno1")),
    ],
    ids=["quoted", "somebody wants it down"],
)
def test_told(text: str, wish: Wish) -> None:
    (one,) = netplan.said(configured({PATH: text}), wish)
    assert isinstance(one.what, Told)


DROP_IN = "/etc/systemd/network/10-netplan-eno1.network.d/90-pxedoctor-vlan-10.conf"
OWN = "/etc/netplan/99-pxedoctor-eno1-vlans.yaml"


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("", DROP_IN),
        ("  renderer: networkd\n", DROP_IN),
        ("  renderer: NetworkManager\n", OWN),
        ("  renderer: NetworkManager\n  bridges: {renderer: networkd}\n", OWN),
    ],
)
def test_a_port_s_vlan_is_for_the_renderer(line: str, path: str) -> None:
    (one,) = netplan.said(configured({PATH: TEXT + line}), InVlan("eno1", "br0", 10))
    assert isinstance(one.what, FileChange)
    assert one.what.path == path


def test_the_device_s_own_renderer_counts_before_its_kind_s_and_everybody_s() -> None:
    kinds = TEXT.replace("eno1: {", "renderer: NetworkManager\n    eno1: {") + "  renderer: networkd\n"
    own = kinds.replace("mtu: 1400", "renderer: networkd")
    for text, path in ((kinds, OWN), (own, DROP_IN)):
        (one,) = netplan.said(configured({PATH: text}), InVlan("eno1", "br0", 10))
        assert isinstance(one.what, FileChange)
        assert one.what.path == path


def test_it_brings_up_what_it_knows() -> None:
    assert netplan.said(configured({PATH: TEXT}), Up("eno1"))[0].what == Already(PATH)


@pytest.mark.parametrize("text", [TEXT, "network: [", ""])
def test_nothing_is_said(text: str) -> None:
    assert netplan.said(configured({PATH: text}), Mtu("eno9", 1500)) == ()
