"""systemd-networkd: a .netdev file with Kind=bridge, and its drop-ins.

What is not given stays the kernel's (off, 15 s). STP and delay reach a new bridge in one message, the delay first, and
with STP the kernel makes 2 s of less. Of files with one name that in /etc counts before /run before /usr/lib; drop-ins
of all of them are read by name. networkd changes no bridge that exists before systemd 257, so that the file is for the
next start. A drop-in of one's own needs no edit of the original, which a package may own.
"""

import re

from pxedoctor.model.bridge_owner import KERNEL_DELAY, Claim, Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile, NetworkFiles
from pxedoctor.plans.owners import ini
from pxedoctor.plans.owners.lines import split
from pxedoctor.plans.owners.number import span
from pxedoctor.plans.owners.owner import FileChange, Never, Told, files_of, not_editable

NAME = "systemd-networkd"
NEVER: tuple[Never, ...] = (
    Never("networkctl delete BR", "takes the bridge away"),
    Never(
        "networkctl reload", "changes, from systemd 257 on, every bridge whose file was changed, and not this one alone"
    ),
)
_FOLDERS = ("/etc/systemd/network", "/run/systemd/network", "/usr/lib/systemd/network")
_OURS = "90-pxedoctor.conf"
_LAST = "zz-pxedoctor.conf"
# parse_boolean() of systemd.
_YES = frozenset({"1", "yes", "y", "true", "t", "on"})
_NO = frozenset({"0", "no", "n", "false", "f", "off"})
_NETPLAN = r"\d+-netplan-"


def claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    files = files_of(host)
    units = {file.name: file for file in reversed(files.under(*_FOLDERS))}
    own = (file for name, file in sorted(units.items()) if not re.match(_NETPLAN, name))
    return tuple(_claim(files, file, bridge) for file in own if _makes(files, file, bridge))


def _makes(files: NetworkFiles, file: NetworkFile, bridge: str) -> bool:
    kind = _value(files, file, "NetDev", "Kind")
    return kind == "bridge" and _value(files, file, "NetDev", "Name") == bridge


def _drop_ins(files: NetworkFiles, name: str) -> list[NetworkFile]:
    """By name, whatever folder they are in; of one name the one in /etc before /run before /usr/lib."""
    found = {file.name: file for file in reversed(files.under(*(f"{folder}/{name}.d" for folder in _FOLDERS)))}
    return [found[key] for key in sorted(found)]


def _value(files: NetworkFiles, file: NetworkFile, section: str, key: str) -> str | None:
    """The last of all; None where it is not given, or was taken back by an empty value."""
    texts = [entry.text for entry in (file, *_drop_ins(files, file.name))]
    values = [found for text in texts if (found := ini.value(text, section, key)) is not None]
    return (values[-1] or None) if values else None


def _claim(files: NetworkFiles, file: NetworkFile, bridge: str) -> Claim:
    entry = ini.last(ini.entries(file.text), "NetDev", "Name")
    index = entry.index if entry else 0
    text = split(file.text)[index].strip() if file.text else ""
    return Claim(owner=NAME, bridge=bridge, path=file.path, line=index + 1, text=text, setting=_setting(files, file))


def _setting(files: NetworkFiles, file: NetworkFile) -> Setting | Unclear:
    closed = [entry.path for entry in (file, *_drop_ins(files, file.name)) if entry.closed]
    if closed:
        return Unclear(f"{closed[0]} could not be read")
    stp = (_value(files, file, "Bridge", "STP") or "no").lower()
    written = _value(files, file, "Bridge", "ForwardDelaySec")
    delay = KERNEL_DELAY if written is None else span(written)
    if stp not in _YES | _NO or delay is None:
        return Unclear(f"STP={stp}, ForwardDelaySec={written} is not yes or no and a span of time")
    return Setting(stp=stp in _YES, delay=delay)


def change(host: Host, claim: Claim, wish: Setting) -> FileChange | Told:
    files = files_of(host)
    name = claim.path.rpartition("/")[2]
    others = [file.name for file in _drop_ins(files, name) if file.name not in {_OURS, _LAST}]
    ours = _OURS if all(other < _OURS for other in others) else _LAST
    if any(other > _LAST for other in others):
        return Told(f"a drop-in of {name} comes after any that pxedoctor would write: {max(others)}")
    path = f"{_FOLDERS[0]}/{name}.d/{ours}"
    here = files.at(path)
    if here is None:
        lines = ["# Written by pxedoctor; `pxedoctor undo` takes it away again.", "[Bridge]"]
        lines += [f"STP={'yes' if wish.stp else 'no'}", *([f"ForwardDelaySec={wish.delay:g}"] if wish.stp else [])]
        return FileChange(path=path, before=None, after="\n".join(lines) + "\n")
    refused = not_editable(here)
    if refused is not None:
        return refused
    text = ini.with_entry(here.text, "Bridge", "STP", "yes" if wish.stp else "no")
    if text is not None and wish.stp:
        text = ini.with_entry(text, "Bridge", "ForwardDelaySec", f"{wish.delay:g}")
    if text is None:
        return Told(f"{path} is written in a way that pxedoctor does not edit")
    return FileChange(path=path, before=here.text, after=text)
