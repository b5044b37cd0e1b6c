"""NetworkManager's keyfiles: the profile of a bridge. Those of other devices are not read: they may hold secrets."""

from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile
from pxedoctor.plans.devices.wish import Already, Mtu, Said, Up, Wish
from pxedoctor.plans.owners import ini
from pxedoctor.plans.owners.owner import FileChange, Told, files_of, network_manager_runs, not_editable

NAME = "NetworkManager"
_FOLDER = "/etc/NetworkManager/system-connections"
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
        case _:
            return ()


def _up(host: Host, file: NetworkFile) -> FileChange | Told | Already:
    held = (ini.value(file.text, "connection", "autoconnect") or "true") in {"false", "0"}
    return _set(host, file, "connection", "autoconnect", "true") if held else Already(file.path)


def _mtu(host: Host, file: NetworkFile, section: str, now: str, size: int) -> FileChange | Told | Already:
    if not now.isdecimal():
        return Told(f"mtu={now} in {file.path} is no number")
    # 0 is whatever the device has by itself.
    return Already(file.path) if int(now) == 0 or int(now) >= size else _set(host, file, section, "mtu", str(size))


def _set(host: Host, file: NetworkFile, section: str, key: str, value: str) -> FileChange | Told:
    refused = not_editable(file)
    if refused is not None:
        return refused
    text = ini.with_entry(file.text, section, key, value)
    if text is None:
        return Told(f"[{section}] in {file.path} is written in a way that pxedoctor does not edit")
    then = (("nmcli", "connection", "load", file.path),) if network_manager_runs(host) else ()
    return FileChange(path=file.path, before=file.text, after=text, mode=0o600, then=then)
