"""netplan: `mtu` of a device of any kind, changed where it is written; `netplan generate` judges it.

A later file's word wins over an earlier one's (netplan(5)). It brings every device up that it knows, but one with
`activation-mode`, which is somebody's wish and told. For the VLANs of a bridge's ports see netplan_vlan.
"""

from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile
from pxedoctor.plans.devices.netplan_vlan import Places, in_vlan
from pxedoctor.plans.devices.wish import Already, InVlan, Mtu, Said, Up, Wish
from pxedoctor.plans.owners.owner import FileChange, Told, files_of, not_editable
from pxedoctor.plans.owners.yaml import Node, NotYamlError, Scalar, composed

NAME = "netplan"
_FOLDER = "/etc/netplan"
_KINDS = ("ethernets", "bonds", "bridges", "vlans", "tunnels", "vrfs", "dummy-devices")


def said(host: Host, wish: Wish) -> tuple[Said, ...]:
    files = sorted(files_of(host).under(_FOLDER), key=lambda file: file.name)
    places = [(file, kind, node) for file in files for kind, node in _about(file, wish.device)]
    found = [(file, node) for file, _, node in places]
    if not found:
        return ()
    match wish:
        case Mtu(_, size):
            sizes = [(file, scalar) for file, node in found if (scalar := _word(node, "mtu"))]
            return tuple(Said(NAME, _mtu(file, scalar, size)) for file, scalar in sizes[-1:])
        case Up():
            modes = [(file, scalar) for file, node in found if (scalar := _word(node, "activation-mode"))]
            held = [Told(f"activation-mode: {mode.value} in {file.path}, line {mode.line}") for file, mode in modes]
            return (Said(NAME, held[-1] if held else Already(found[-1][0].path)),)
        case InVlan():
            return (Said(NAME, in_vlan(host, places, _renderer(files, places), wish)),)


def _about(file: NetworkFile, device: str) -> list[tuple[str, Node]]:
    network = _network(file)
    nodes = ((kind, network.at(kind, device) if network else None) for kind in _KINDS)
    return [(kind, node) for kind, node in nodes if node is not None]


def _network(file: NetworkFile) -> Node | None:
    try:
        root = composed(file.text)
    except NotYamlError:
        return None
    return root.at("network") if root else None


def _renderer(files: list[NetworkFile], places: Places) -> str:
    """The device's own, else its kind's, else everybody's; of each the last that is read (netplan(5))."""
    networks = [network for file in files if (network := _network(file))]
    own = [node.word("renderer") for _, _, node in places]
    kind = [network.word(places[-1][1], "renderer") for network in networks]
    everybody = [network.word("renderer") for network in networks]
    said = (word for words in (own, kind, everybody) for word in reversed(words) if word)
    return next(said, "networkd")


def _word(node: Node, key: str) -> Scalar | None:
    found = node.at(key)
    return found.scalar() if found else None


def _mtu(file: NetworkFile, now: Scalar, size: int) -> FileChange | Told | Already:
    if not now.value.isdecimal() or file.text[now.start : now.end] != now.value:
        return Told(f"{file.path}, line {now.line}, is written in a way that pxedoctor does not edit")
    if int(now.value) >= size:
        return Already(file.path)
    after = f"{file.text[: now.start]}{size}{file.text[now.end :]}"
    refused = not_editable(file)
    return refused or FileChange(path=file.path, before=file.text, after=after, then=(("netplan", "generate"),))
