"""ifcfg files of Red Hat's (NetworkManager's or network-scripts') and of SUSE's wicked: one device, one file.

ONBOOT=no and STARTMODE=manual, off keep a device down at the start. MTU is in bytes with all of them. For the VLANs of
a bridge's port NetworkManager has BRIDGE_PORT_VLANS, its list of bridge-port.vlans; the others run a script after it.
"""

from functools import partial

from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile
from pxedoctor.plans.devices.numbers import has_vlan, widened, with_vlan
from pxedoctor.plans.devices.wish import Already, InVlan, Mtu, Said, Up, Wish
from pxedoctor.plans.owners import ifcfg, shell
from pxedoctor.plans.owners.ifcfg_file import RED_HAT
from pxedoctor.plans.owners.owner import FileChange, Told, files_of, network_manager_runs, not_editable

_SUSE = "/etc/sysconfig/network"
_NO = frozenset({"no", "n", "false", "f", "off", "0"})
_STAYS_DOWN = frozenset({"manual", "off"})
_VLANS = "BRIDGE_PORT_VLANS"
# What each runs once a device is up: ifcfg(5) of wicked; ifup-post of initscripts.
_SCRIPTS = {"wicked": "a POST_UP_SCRIPT", "ifcfg (network-scripts)": "an /sbin/ifup-local"}


def said(host: Host, wish: Wish) -> tuple[Said, ...]:
    files = [file for file in files_of(host).under(RED_HAT, _SUSE) if _device(file) == wish.device]
    match wish:
        case Up():
            return tuple(Said(_owner(host, file), _up(host, file)) for file in files)
        case Mtu(_, size):
            sizes = [(file, shell.value(file.text, "MTU")) for file in files]
            return tuple(
                Said(_owner(host, file), widened(file.path, "MTU", now, size, partial(_set, host, file, "MTU", "MTU")))
                for file, now in sizes
                if now
            )
        case InVlan():
            return tuple(Said(owner := _owner(host, file), _vlan(host, file, owner, wish)) for file in files)


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
    return _set(host, file, key, key, wanted) if held else Already(file.path)


def _vlan(host: Host, file: NetworkFile, owner: str, wish: InVlan) -> FileChange | Told | Already:
    if owner in _SCRIPTS:
        by_hand = f"{_SCRIPTS[owner]} that runs `bridge vlan add dev {wish.device} vid {wish.vid}`"
        return Told(f"{owner} has no word for the VLANs of a bridge's port", by_hand)
    key = next((key for key in ("BRIDGE_UUID", "BRIDGE") if shell.value(file.text, key)), None)
    if key is None or (key == "BRIDGE" and shell.value(file.text, key) != wish.bridge):
        return Told(f"{file.path} does not make {wish.device} a port of {wish.bridge}")
    now = shell.value(file.text, _VLANS) or ""
    if has_vlan(now, wish.vid):
        return Already(file.path)
    return _set(host, file, _VLANS, key, with_vlan(now, wish.vid))


def _set(host: Host, file: NetworkFile, key: str, after: str, value: str) -> FileChange | Told:
    """A key that is not there comes behind the key `after`."""
    refused = not_editable(file)
    if refused is not None:
        return refused
    text = shell.with_value(file.text, key, value, after)
    if text is None:
        return Told(f"{key} in {file.path} is computed, not written")
    told = file.folder != _SUSE and ifcfg.reads(host, file) and network_manager_runs(host)
    then = (("nmcli", "connection", "load", file.path),) if told else ()
    return FileChange(path=file.path, before=file.text, after=text, then=then)
