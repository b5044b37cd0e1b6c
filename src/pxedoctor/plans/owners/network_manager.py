"""NetworkManager's keyfiles: a profile of type bridge.

STP is on and the delay 15 s where the profile does not say otherwise, and `forward-delay=0` is 15 s too; with STP 2 to
30 s are accepted. Profiles in /run are not a person's: netplan's are edited in netplan, and generated ones only mirror
a bridge that somebody else made. NetworkManager reads a changed file when it is told, and leaves the bridge as it is.
"""

from pxedoctor.model.bridge_owner import KERNEL_DELAY, Claim, Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile
from pxedoctor.plans.owners import ini
from pxedoctor.plans.owners.lines import split
from pxedoctor.plans.owners.number import whole
from pxedoctor.plans.owners.owner import FileChange, Never, Told, files_of, network_manager_runs, not_editable

NAME = "NetworkManager"
NEVER: tuple[Never, ...] = (
    Never("nmcli connection up BR", "makes the bridge anew before NetworkManager 1.40, without the guests' taps"),
    Never("nmcli connection down BR", "takes the bridge away"),
    Never("nmcli device disconnect BR", "takes the bridge away"),
)
_ETC = "/etc/NetworkManager/system-connections"
_USR = "/usr/lib/NetworkManager/system-connections"
_YES = {"true": True, "1": True, "false": False, "0": False}


def claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    profiles = (file for file in files_of(host).under(_ETC, _USR) if _makes(file, bridge))
    return tuple(_claim(file, bridge) for file in profiles)


def _makes(file: NetworkFile, bridge: str) -> bool:
    named = ini.value(file.text, "connection", "interface-name")
    return ini.value(file.text, "connection", "type") == "bridge" and named == bridge


def _claim(file: NetworkFile, bridge: str) -> Claim:
    entry = ini.last(ini.entries(file.text), "connection", "interface-name")
    index = entry.index if entry else 0
    text = split(file.text)[index].strip()
    return Claim(owner=NAME, bridge=bridge, path=file.path, line=index + 1, text=text, setting=_setting(file))


def _setting(file: NetworkFile) -> Setting | Unclear:
    stp = ini.value(file.text, "bridge", "stp") or "true"
    delay = ini.value(file.text, "bridge", "forward-delay")
    seconds = KERNEL_DELAY if delay is None else whole(delay)
    if stp not in _YES or seconds is None:
        return Unclear(f"stp={stp}, forward-delay={delay} is not true or false and whole seconds")
    return Setting(stp=_YES[stp], delay=float(seconds) or KERNEL_DELAY)


def change(host: Host, claim: Claim, wish: Setting) -> FileChange | Told:
    file = files_of(host).at(claim.path)
    refused = not_editable(file)
    if file is None or refused is not None:
        return refused or Told("the file is not there any more")
    if file.folder == _USR:
        return Told(
            f"{file.path} belongs to a package", f"nmcli connection modify {claim.bridge} bridge.forward-delay 2"
        )
    text: str | None = file.text
    if not (isinstance(claim.setting, Setting) and claim.setting.stp == wish.stp):
        text = ini.with_entry(file.text, "bridge", "stp", "true" if wish.stp else "false")
    if text is not None and wish.stp:
        text = ini.with_entry(text, "bridge", "forward-delay", f"{wish.delay:.0f}")
    if text is None:
        return Told(f"[bridge] in {file.path} is written in a way that pxedoctor does not edit")
    then = (("nmcli", "connection", "load", file.path),) if network_manager_runs(host) else ()
    return FileChange(path=file.path, before=file.text, after=text, mode=0o600, then=then)
