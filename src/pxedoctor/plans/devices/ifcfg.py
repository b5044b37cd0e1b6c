"""ifcfg files of Red Hat's (NetworkManager's or network-scripts') and of SUSE's wicked: one device, one file.

ONBOOT=no and STARTMODE=manual, off keep a device down at the start. MTU is in bytes with all of them.
"""

from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile
from pxedoctor.plans.devices.wish import Already, Mtu, Said, Up, Wish
from pxedoctor.plans.owners import ifcfg, shell
from pxedoctor.plans.owners.ifcfg_file import RED_HAT
from pxedoctor.plans.owners.owner import FileChange, Told, files_of, network_manager_runs, not_editable

_SUSE = "/etc/sysconfig/network"
_NO = frozenset({"no", "n", "false", "f", "off", "0"})
_STAYS_DOWN = frozenset({"manual", "off"})


def said(host: Host, wish: Wish) -> tuple[Said, ...]:
    files = [file for file in files_of(host).under(RED_HAT, _SUSE) if _device(file) == wish.device]
    match wish:
        case Up():
            return tuple(Said(_owner(host, file), _up(host, file)) for file in files)
        case Mtu(_, size):
            sizes = [(file, shell.value(file.text, "MTU")) for file in files]
            return tuple(Said(_owner(host, file), _mtu(host, file, now, size)) for file, now in sizes if now)
        case _:
            return ()


def _device(file: NetworkFile) -> str:
    own = file.name.removeprefix("ifcfg-")
    return own if file.folder == _SUSE else shell.value(file.text, "DEVICE") or own


def _owner(host: Host, file: NetworkFile) -> str:
    if file.folder == _SUSE:
        return "wicked"
    return "ifcfg (NetworkManager)" if ifcfg.reads(host, file) else "ifcfg (network-scripts)"


def _up(host: Host, file: NetworkFile) -> FileChange | Told | Already:
    key, stays, wanted = ("STARTMODE", _STAYS_DOWN, "auto") if file.folder == _SUSE else ("ONBOOT", _NO, "yes")
    held = (shell.value(file.text, key) or "").lower() in stays
    return _set(host, file, key, wanted) if held else Already(file.path)


def _mtu(host: Host, file: NetworkFile, now: str, size: int) -> FileChange | Told | Already:
    if not now.isdecimal():
        return Told(f"MTU={now} in {file.path} is no number")
    return Already(file.path) if int(now) >= size else _set(host, file, "MTU", str(size))


def _set(host: Host, file: NetworkFile, key: str, value: str) -> FileChange | Told:
    refused = not_editable(file)
    if refused is not None:
        return refused
    text = shell.with_value(file.text, key, value, key)
    if text is None:
        return Told(f"{key} in {file.path} is computed, not written")
    told = file.folder != _SUSE and ifcfg.reads(host, file) and network_manager_runs(host)
    then = (("nmcli", "connection", "load", file.path),) if told else ()
    return FileChange(path=file.path, before=file.text, after=text, then=then)
