"""NetworkManager's keyfiles: profiles of bridges and of their ports. Others are not read: they may hold secrets.

A port names its bridge by the device or by the profile's UUID, as `controller` or, in older files,
`master`. Its `vlans` (nm-settings(5), bridge-port.vlans) come to those that the bridge's default gives it.
"""

from functools import partial

from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile
from pxedoctor.plans.devices.numbers import has_vlan, widened, with_vlan
from pxedoctor.plans.devices.wish import Already, InVlan, Mtu, Said, Up, Wish
from pxedoctor.plans.owners import ini
from pxedoctor.plans.owners.owner import FileChange, Told, files_of, network_manager_runs, not_editable

NAME = "NetworkManager"
_FOLDER = "/etc/NetworkManager/system-connections"
_FOLDERS = (_FOLDER, "/run/NetworkManager/system-connections", "/usr/lib/NetworkManager/system-connections")
_PORT_TYPE = ("port-type", "slave-type")
_CONTROLLER = ("controller", "master")
# The second is the property's own name, which keyfiles take, too (nm-settings-keyfile(5)).
_ETHERNET = ("ethernet", "802-3-ethernet")


def said(host: Host, wish: Wish) -> tuple[Said, ...]:
    profiles = [
        file
        for file in files_of(host).under(_FOLDER)
        if ini.value(file.text, "connection", "interface-name") == wish.device
    ]
    match wish:
        case Up():
            return tuple(Said(NAME, _up(host, file)) for file in profiles)
        case Mtu(_, size):
            sizes = [(f, section, ini.value(f.text, section, "mtu")) for f in profiles for section in _ETHERNET]
            return tuple(Said(NAME, _mtu(host, f, section, now, size)) for f, section, now in sizes if now)
        case InVlan(_, bridge, vid):
            return tuple(Said(NAME, _vlan(host, file, vid)) for file in profiles if _is_port(host, file, bridge))


def _up(host: Host, file: NetworkFile) -> FileChange | Told | Already:
    held = (ini.value(file.text, "connection", "autoconnect") or "true") in {"false", "0"}
    return _set(host, file, "connection", "autoconnect", "true") if held else Already(file.path)


def _mtu(host: Host, file: NetworkFile, section: str, now: str, size: int) -> FileChange | Told | Already:
    # 0 is whatever the device has by itself.
    if now == "0":
        return Already(file.path)
    return widened(file.path, "mtu", now, size, partial(_set, host, file, section, "mtu"))


def _is_port(host: Host, file: NetworkFile, bridge: str) -> bool:
    kinds, controllers = (
        {ini.value(file.text, "connection", key) for key in keys} - {None} for keys in (_PORT_TYPE, _CONTROLLER)
    )
    known = files_of(host).under(*_FOLDERS)
    uuids = {
        ini.value(other.text, "connection", "uuid")
        for other in known
        if ini.value(other.text, "connection", "interface-name") == bridge
    }
    return "bridge" in kinds and bool(controllers & {bridge, *uuids})


def _vlan(host: Host, file: NetworkFile, vid: int) -> FileChange | Told | Already:
    now = ini.value(file.text, "bridge-port", "vlans") or ""
    return Already(file.path) if has_vlan(now, vid) else _set(host, file, "bridge-port", "vlans", with_vlan(now, vid))


def _set(host: Host, file: NetworkFile, section: str, key: str, value: str) -> FileChange | Told:
    refused = not_editable(file)
    if refused is not None:
        return refused
    text = ini.with_entry(file.text, section, key, value)
    if text is None:
        return Told(f"[{section}] in {file.path} is written in a way that pxedoctor does not edit")
    then = (("nmcli", "connection", "load", file.path),) if network_manager_runs(host) else ()
    return FileChange(path=file.path, before=file.text, after=text, mode=0o600, then=then)
