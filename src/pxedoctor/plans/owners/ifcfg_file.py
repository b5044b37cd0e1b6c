"""What the readers of ifcfg files have in common: one file a device, of shell variables."""

from pxedoctor.model.bridge_owner import Claim, Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile
from pxedoctor.plans.owners import shell
from pxedoctor.plans.owners.lines import split
from pxedoctor.plans.owners.owner import FileChange, Told, files_of, not_editable

RED_HAT = "/etc/sysconfig/network-scripts"
# What a package manager or an editor leaves beside them is read by nobody.
_LEFT_OVERS = (".bak", ".orig", ".rpmnew", ".rpmorig", ".rpmsave", ".old", "~")


def red_hat_files(host: Host, bridge: str) -> tuple[NetworkFile, ...]:
    """Files with TYPE=Bridge and this device; DEVICE is the file's own name where it is not given."""
    files = (file for file in files_of(host).under(RED_HAT) if not file.name.endswith(_LEFT_OVERS))
    return tuple(file for file in files if _makes(file, bridge))


def _makes(file: NetworkFile, bridge: str) -> bool:
    device = shell.value(file.text, "DEVICE") or file.name.removeprefix("ifcfg-")
    return (shell.value(file.text, "TYPE") or "").lower() == "bridge" and device == bridge


def claim(owner: str, file: NetworkFile, bridge: str, key: str, setting: Setting | Unclear) -> Claim:
    """`key`: the assignment that says that it is a bridge."""
    index = next((entry.index for entry in shell.assignments(file.text) if entry.key == key), 0)
    text = split(file.text)[index].strip()
    return Claim(owner=owner, bridge=bridge, path=file.path, line=index + 1, text=text, setting=setting)


def strange(file: NetworkFile, *keys: str) -> Unclear | None:
    clever = [key for key in keys if shell.is_clever(file.text, key)]
    return Unclear(f"{clever[0]} in {file.path} is computed, not written") if clever else None


def changed(host: Host, of: Claim, values: tuple[tuple[str, str], ...], after: str) -> FileChange | Told:
    """The file with the values set; new ones behind the key `after`."""
    file = files_of(host).at(of.path)
    refused = not_editable(file)
    if file is None or refused is not None:
        return refused or Told("the file is not there any more")
    text: str | None = file.text
    for key, wanted in values:
        text = shell.with_value(text, key, wanted, after) if text is not None else None
    if text is None:
        return Told(f"{of.path} is written in a way that pxedoctor does not edit")
    return FileChange(path=of.path, before=file.text, after=text)
