"""interfaces(5), for ifupdown, ifupdown2 and ifupdown-ng.

`auto NAME` brings a device up at the start; `mtu` is a number of bytes. Of VLANs on a bridge's port ifupdown2 knows
`bridge-vids` in the port's own stanza; Debian's ifupdown has no word, and runs what stands behind `up` once the bridge
is made.
"""

import re

from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile
from pxedoctor.plans.devices.numbers import has_vlan
from pxedoctor.plans.devices.wish import Already, InVlan, Mtu, Said, Up, Wish
from pxedoctor.plans.owners.interfaces import Option, Stanza, stanzas
from pxedoctor.plans.owners.interfaces_owner import read_files
from pxedoctor.plans.owners.lines import inserted, replaced, split
from pxedoctor.plans.owners.owner import FileChange, Told, files_of, not_editable

_AUTO = frozenset({"auto", "allow-auto"})


def said(host: Host, wish: Wish) -> tuple[Said, ...]:
    programs = files_of(host).programs
    owner = next((name for name in ("ifupdown2", "ifupdown-ng") if name in programs), "ifupdown")
    read = read_files(files_of(host))
    match wish:
        case Up(device):
            return tuple(Said(owner, _up(read, stanza)) for stanza in _stanzas(read, device)[:1])
        case Mtu(device, size):
            found = [(s, o) for s in _stanzas(read, device) for o in s.options if o.key == "mtu"]
            return tuple(Said(owner, _mtu(stanza, option, size)) for stanza, option in found)
        case InVlan(device, bridge, vid):
            of = device if owner == "ifupdown2" else bridge
            return tuple(Said(owner, _vlan(owner, stanza, wish, vid)) for stanza in _stanzas(read, of)[:1])


def _stanzas(read: tuple[NetworkFile, ...], device: str) -> list[Stanza]:
    return [stanza for file in read for stanza in stanzas(file) if stanza.name == device]


def _up(read: tuple[NetworkFile, ...], stanza: Stanza) -> FileChange | Told | Already:
    for file in read:
        for words in (line.split() for line in split(file.text)):
            if words and words[0] in _AUTO and stanza.name in words[1:]:
                return Already(file.path)
    return _change(stanza, inserted(stanza.file.text, stanza.index - 1, f"auto {stanza.name}"))


def _mtu(stanza: Stanza, option: Option, size: int) -> FileChange | Told | Already:
    if not option.value.isdecimal():
        return Told(f"mtu {option.value} in {stanza.file.path} is no number")
    if int(option.value) >= size:
        return Already(stanza.file.path)
    return _set(stanza, option, str(size))


def _vlan(owner: str, stanza: Stanza, wish: InVlan, vid: int) -> FileChange | Told | Already:
    if owner == "ifupdown-ng":
        return Told(f"ifupdown-ng's words for the VLANs of {wish.device} are not modelled", "see its bridge executor")
    if owner == "ifupdown2":
        option = next(iter(stanza.bridge_options("vids")), None)
        if option is None:
            return _more(stanza, f"bridge-vids {vid}")
        return (
            Already(stanza.file.path) if has_vlan(option.value, vid) else _set(stanza, option, f"{option.value} {vid}")
        )
    line = f"up bridge vlan add dev {wish.device} vid {vid}"
    if any(f"{option.key} {option.value}" == line for option in stanza.options):
        return Already(stanza.file.path)
    return _more(stanza, line)


def _set(stanza: Stanza, option: Option, value: str) -> FileChange | Told:
    line = split(stanza.file.text)[option.index].rstrip("\r\n")
    match = re.fullmatch(r"(\s*\S+\s+)(.*?)(\s*)", line)
    if not option.plain or match is None:
        return Told(f"{option.key} in {stanza.file.path} is written in a way that pxedoctor does not edit")
    return _change(stanza, replaced(stanza.file.text, option.index, f"{match[1]}{value}{match[3]}"))


def _more(stanza: Stanza, line: str) -> FileChange | Told:
    if not all(option.plain for option in stanza.options):
        return Told(f"the stanza of {stanza.name} in {stanza.file.path} has lines that go on in others")
    first = split(stanza.file.text)[stanza.options[0].index] if stanza.options else "  "
    indent = first[: len(first) - len(first.lstrip())]
    return _change(stanza, inserted(stanza.file.text, stanza.last, f"{indent}{line}"))


def _change(stanza: Stanza, after: str) -> FileChange | Told:
    file = stanza.file
    refused = not_editable(file)
    return refused or FileChange(path=file.path, before=file.text, after=after, then=(("ifquery", stanza.name),))
