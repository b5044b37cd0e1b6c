"""netplan has no word for the VLANs of a bridge's ports; what it writes for its renderers has room for theirs.

1. For networkd it writes /run/systemd/network/10-netplan-ID.network anew at each start. Drop-ins of that name in /etc
   are read with it (systemd.network(5)), and netplan leaves them alone.
2. For NetworkManager `passthrough` (netplan(5)) hands an entry through to the profile that it writes. It goes into a
   small file of its own, read last, because `netplan set` would write comments away. `netplan generate` judges it.
"""

from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile
from pxedoctor.plans.devices import networkd
from pxedoctor.plans.devices.numbers import has_vlan, with_vlan
from pxedoctor.plans.devices.wish import Already, InVlan
from pxedoctor.plans.owners import netplan
from pxedoctor.plans.owners.owner import FileChange, Told, files_of
from pxedoctor.plans.owners.yaml import Node

_KEY = "bridge-port.vlans"

# Where a device is, the mapping it stands in (`ethernets`), and what is said of it there; in the order of reading.
Places = list[tuple[NetworkFile, str, Node]]


def in_vlan(host: Host, places: Places, renderer: str, wish: InVlan) -> FileChange | Told | Already:
    """`renderer`: the device's, `networkd` or `NetworkManager`."""
    if renderer == "NetworkManager":
        return _passed_through(host, places, wish)
    matched = [name for _, _, node in places if (name := node.word("match", "name"))]
    if matched and matched[-1] != wish.device:
        return Told(f"netplan's {wish.device} is about every device that {matched[-1]} fits", "a definition of its own")
    return networkd.vlan_drop_in(files_of(host), f"10-netplan-{wish.device}.network", wish.vid)


def _passed_through(host: Host, places: Places, wish: InVlan) -> FileChange | Told | Already:
    said = [(file, word) for file, _, node in places if (word := node.word("networkmanager", "passthrough", _KEY))]
    if said and has_vlan(said[-1][1], wish.vid):
        return Already(said[-1][0].path)
    vlans = with_vlan(said[-1][1] if said else "", wish.vid)
    document = (
        f'network:\n  version: 2\n  {places[-1][1]}:\n    "{wish.device}":\n      networkmanager:\n'
        f'        passthrough:\n          {_KEY}: "{vlans}"\n'
    )
    return netplan.own_file(host, f"{wish.device}-vlans", document)
