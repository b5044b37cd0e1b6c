"""netplan: `mtu` of a device of any kind, changed where it is written; `netplan generate` judges it.

A later file's word wins over an earlier one's (netplan(5)). It brings every device up that it knows, but one with
`activation-mode`, which is somebody's wish and told. For the VLANs of a bridge's ports it has no word.
"""

from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile
from pxedoctor.plans.devices.wish import Already, InVlan, Mtu, Said, Up, Wish
from pxedoctor.plans.owners.owner import FileChange, Told, files_of, not_editable
from pxedoctor.plans.owners.yaml import Node, NotYamlError, Scalar, composed

NAME = "netplan"
_FOLDER = "/etc/netplan"
_KINDS = ("ethernets", "bonds", "bridges", "vlans", "tunnels", "vrfs", "dummy-devices")


def said(host: Host, wish: Wish) -> tuple[Said, ...]:
    files = sorted(files_of(host).under(_FOLDER), key=lambda file: file.name)
    found = [(file, node) for file in files for node in _about(file, wish.device)]
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
            return (
                Said(NAME, Told("netplan has no word for the VLANs of a bridge's ports", "a hook of its renderer's")),
            )


def _about(file: NetworkFile, device: str) -> list[Node]:
    try:
        root = composed(file.text)
    except NotYamlError:
        return []
    nodes = (root.at("network", kind, device) if root else None for kind in _KINDS)
    return [node for node in nodes if node is not None]


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
