"""The VLANs of netplan's bridge ports: a drop-in of networkd's, or an entry handed through to NetworkManager."""

from owned import configured, written
from pxedoctor.plans.devices import netplan
from pxedoctor.plans.devices.wish import Already, InVlan
from pxedoctor.plans.owners.owner import FileChange, Told

PATH = "/etc/netplan/50.yaml"
TEXT = "network:\n  ethernets:\n    eno1: {dhcp4: false}\n  bridges:\n    br0: {interfaces: [eno1]}\n"
FOR_NM = TEXT + "  renderer: NetworkManager\n"
VLAN = InVlan("eno1", "br0", 10)


def test_a_drop_in_beside_the_file_that_netplan_writes_at_each_start() -> None:
    on = configured({PATH: TEXT})
    (one,) = netplan.said(on, VLAN)
    assert isinstance(one.what, FileChange)
    assert (one.what.before, one.what.then) == (None, ())
    assert one.what.path == "/etc/systemd/network/10-netplan-eno1.network.d/90-pxedoctor-vlan-10.conf"
    assert one.what.after.endswith("[BridgeVLAN]\nVLAN=10\n")
    assert netplan.said(written(on, one.what), VLAN)[0].what == Already(one.what.path)


def test_a_definition_of_many_devices_is_told() -> None:
    for name in ("en*", "eno2"):
        text = TEXT.replace("dhcp4: false", f'match: {{name: "{name}"}}')
        (one,) = netplan.said(configured({PATH: text}), VLAN)
        assert isinstance(one.what, Told)


def test_a_small_file_of_its_own_that_netplan_judges() -> None:
    on = configured({PATH: FOR_NM})
    (one,) = netplan.said(on, VLAN)
    assert isinstance(one.what, FileChange)
    assert (one.what.before, one.what.mode, one.what.then) == (None, 0o600, (("netplan", "generate"),))
    assert one.what.after.endswith('        passthrough:\n          bridge-port.vlans: "10"\n')
    assert netplan.said(written(on, one.what), VLAN)[0].what == Already(one.what.path)


def test_what_is_passed_through_already_stays() -> None:
    said = "dhcp4: false, networkmanager: {passthrough: {bridge-port.vlans: 2-4}}"
    (one,) = netplan.said(configured({PATH: FOR_NM.replace("dhcp4: false", said)}), VLAN)
    assert isinstance(one.what, FileChange)
    assert 'bridge-port.vlans: "2-4,10"' in one.what.after
    (there,) = netplan.said(configured({PATH: FOR_NM.replace("dhcp4: false", said)}), InVlan("eno1", "br0", 3))
    assert there.what == Already(PATH)


def test_a_second_vlan_goes_into_the_same_file() -> None:
    on = configured({PATH: FOR_NM})
    first = netplan.said(on, VLAN)[0].what
    assert isinstance(first, FileChange)
    (second,) = netplan.said(written(on, first), InVlan("eno1", "br0", 20))
    assert isinstance(second.what, FileChange)
    assert (second.what.path, second.what.before) == (first.path, first.after)
    assert 'bridge-port.vlans: "10,20"' in second.what.after
