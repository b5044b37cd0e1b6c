"""What the three readers of /etc/network/interfaces have in common: the files they read, and how a stanza is edited."""

import re
from fnmatch import fnmatchcase

from pxedoctor.model.bridge_owner import Claim, Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile, NetworkFiles
from pxedoctor.plans.owners.interfaces import Stanza, stanzas, with_option
from pxedoctor.plans.owners.lines import split
from pxedoctor.plans.owners.owner import FileChange, Told, files_of, not_editable

_INTERFACES = "/etc/network/interfaces"
_SOURCE = r"[ \t]*(source|source-directory|source-dir)[ \t]+(\S+)\s*"
# run-parts(8): names of anything else are left alone.
_PLAIN_NAME = r"[a-zA-Z0-9_-]+"
_MOST_FILES = 200


def read_files(files: NetworkFiles) -> tuple[NetworkFile, ...]:
    """/etc/network/interfaces and what it sources, each once, in the order in which it is read."""
    waiting, done = [_INTERFACES], dict[str, NetworkFile]()
    while waiting and len(done) < _MOST_FILES:
        file = files.at(waiting.pop(0))
        if file is not None and file.path not in done:
            done[file.path] = file
            waiting += [path for line in split(file.text) for path in _sourced(line, files)]
    return tuple(done.values())


def _sourced(line: str, files: NetworkFiles) -> list[str]:
    match = re.fullmatch(_SOURCE, line)
    if match is None:
        return []
    where = match[2] if match[2].startswith("/") else f"/etc/network/{match[2]}"
    if match[1] == "source":
        folder, _, pattern = where.rpartition("/")
        return [file.path for file in files.files if file.folder == folder and fnmatchcase(file.name, pattern)]
    folder = where.rstrip("/")
    return [file.path for file in files.files if file.folder == folder and re.fullmatch(_PLAIN_NAME, file.name)]


def stanzas_of(host: Host, bridge: str) -> tuple[Stanza, ...]:
    """The stanzas that make this bridge. A name may have several (inet, inet6); those without ports make nothing."""
    read = read_files(files_of(host))
    return tuple(stanza for file in read for stanza in stanzas(file) if stanza.name == bridge and stanza.is_bridge)


def claim(owner: str, stanza: Stanza, setting: Setting | Unclear) -> Claim:
    text = split(stanza.file.text)[stanza.index].strip()
    return Claim(
        owner=owner, bridge=stanza.name, path=stanza.file.path, line=stanza.index + 1, text=text, setting=setting
    )


def strange(stanza: Stanza) -> Unclear | None:
    """What no reader here is modelled for: options given twice, templates, inheritance, variables."""
    if "inherits" in stanza.words or any(option.key in {"inherits", "inherit"} for option in stanza.options):
        return Unclear(f"{stanza.name} inherits from another stanza")
    if any(line.lstrip().startswith(("%", "${", "<%")) for line in split(stanza.file.text)):
        return Unclear(f"{stanza.file.path} is a template")
    twice = [name for name in ("stp", "fd") if len(stanza.bridge_options(name)) > 1]
    return Unclear(f"bridge_{twice[0]} is given twice") if twice else None


def value(stanza: Stanza, name: str) -> str | None:
    found = stanza.bridge_options(name)
    return found[0].value if found else None


def stp_and_delay(of: Claim, wish: Setting, words: tuple[str, str], delay: str) -> tuple[tuple[str, str], ...]:
    """Only the options that must change; `words` for STP on and off."""
    same = isinstance(of.setting, Setting) and of.setting.stp == wish.stp
    stp = () if same else (("stp", words[0] if wish.stp else words[1]),)
    return (*stp, ("fd", delay)) if wish.stp else stp


def changed(host: Host, of: Claim, options: tuple[tuple[str, str], ...], then: tuple[str, ...]) -> FileChange | Told:
    """The stanza's file with bridge options set, one after the other."""
    file = files_of(host).at(of.path)
    refused = not_editable(file)
    if file is None or refused is not None:
        return refused or Told("the file is not there any more")
    text = file.text
    for name, wanted in options:
        here = NetworkFile(path=file.path, text=text)
        found = [s for s in stanzas(here) if s.name == of.bridge and s.is_bridge]
        after = with_option(found[0], name, wanted) if len(found) == 1 else None
        if after is None:
            return Told(f"the stanza of {of.bridge} in {of.path} is written in a way that pxedoctor does not edit")
        text = after
    return FileChange(path=of.path, before=file.text, after=text, then=(then,))
