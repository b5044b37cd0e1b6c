"""systemd-networkd: .network files, and .netdev files of devices that it makes (systemd.network(5), systemd.netdev(5)).

A .network file is about every device that its [Match] Name= fits; one with a pattern is about others too, and is told.
Of several that fit the first by name alone counts. [BridgeVLAN] may come again in a drop-in. netplan's are netplan's.
"""

import re
from fnmatch import fnmatchcase
from functools import partial

from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile, NetworkFiles
from pxedoctor.plans.devices.numbers import has_vlan, widened
from pxedoctor.plans.devices.wish import Already, InVlan, Mtu, Said, Up, Wish
from pxedoctor.plans.owners import ini
from pxedoctor.plans.owners.owner import FileChange, Told, files_of, not_editable

NAME = "systemd-networkd"
_FOLDERS = ("/etc/systemd/network", "/run/systemd/network", "/usr/lib/systemd/network")
_NETPLAN = r"\d+-netplan-"
_STAYS_DOWN = frozenset({"manual", "down", "always-down"})


def said(host: Host, wish: Wish) -> tuple[Said, ...]:
    files = files_of(host)
    network = _network(files, wish.device)
    match wish:
        case Up():
            return (Said(NAME, _up(network)),) if network else ()
        case Mtu(device, size):
            netdev = [f for f in _units(files, ".netdev") if ini.value(f.text, "NetDev", "Name") == device]
            wanted = [(f, "NetDev") for f in netdev] + ([(network, "Link")] if network else [])
            sizes = [(f, section, ini.value(f.text, section, "MTUBytes")) for f, section in wanted]
            return tuple(
                Said(NAME, widened(f.path, "MTUBytes", now, size, partial(_set, f, section, "MTUBytes")))
                for f, section, now in sizes
                if now
            )
        case InVlan(_, _, vid):
            return (Said(NAME, _vlan(files, network, vid)),) if network else ()


def _units(files: NetworkFiles, ending: str) -> list[NetworkFile]:
    found = {file.name: file for file in reversed(files.under(*_FOLDERS)) if file.name.endswith(ending)}
    return [found[name] for name in sorted(found) if not re.match(_NETPLAN, name)]


def _network(files: NetworkFiles, device: str) -> NetworkFile | None:
    fits = (file for file in _units(files, ".network") if any(fnmatchcase(device, name) for name in _names(file)))
    return next(fits, None)


def _names(file: NetworkFile) -> list[str]:
    return (ini.value(file.text, "Match", "Name") or "").split()


def _only(file: NetworkFile) -> Told | None:
    """Why it is not edited: whose file it is, or whom else it is about."""
    if file.folder != _FOLDERS[0]:
        return Told(f"{file.path} belongs to a package or was made at the start", "a drop-in of it in /etc")
    about_others = _about_others(file) if file.name.endswith(".network") else None
    return about_others or not_editable(file)


def _about_others(network: NetworkFile) -> Told | None:
    names = _names(network)
    if len(names) == 1 and not any(letter in names[0] for letter in "*?[!"):
        return None
    return Told(f"{network.path} is about more devices than this one", "a file of its own for it")


def _up(file: NetworkFile) -> FileChange | Told | Already:
    policy = ini.value(file.text, "Link", "ActivationPolicy") or "up"
    return _set(file, "Link", "ActivationPolicy", "up") if policy in _STAYS_DOWN else Already(file.path)


def _set(file: NetworkFile, section: str, key: str, value: str) -> FileChange | Told:
    refused = _only(file)
    if refused is not None:
        return refused
    text = ini.with_entry(file.text, section, key, value)
    if text is None:
        return Told(f"{file.path} is written in a way that pxedoctor does not edit")
    return FileChange(path=file.path, before=file.text, after=text)


def _vlan(files: NetworkFiles, file: NetworkFile, vid: int) -> FileChange | Told | Already:
    if _says(file, vid):
        return Already(file.path)
    drop_in = vlan_drop_in(files, file.name, vid)
    return drop_in if isinstance(drop_in, Already) else _about_others(file) or drop_in


def vlan_drop_in(files: NetworkFiles, name: str, vid: int) -> FileChange | Already:
    """The VLAN in a drop-in of the .network file `name`, whoever wrote that one, and wherever it is."""
    folders = tuple(f"{folder}/{name}.d" for folder in _FOLDERS)
    there = next((file for file in files.under(*folders) if _says(file, vid)), None)
    if there is not None:
        return Already(there.path)
    path = f"{folders[0]}/90-pxedoctor-vlan-{vid}.conf"
    text = f"# Written by pxedoctor; `pxedoctor undo` takes it away again.\n[BridgeVLAN]\nVLAN={vid}\n"
    return FileChange(path=path, before=None, after=text)


def _says(file: NetworkFile, vid: int) -> bool:
    vlans = [e.value for e in ini.entries(file.text) if e.section == "BridgeVLAN" and e.key in {"VLAN", "PVID"}]
    return any(has_vlan(value, vid) for value in vlans)
