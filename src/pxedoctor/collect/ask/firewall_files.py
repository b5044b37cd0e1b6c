"""Asks for the configuration files in which firewall rules stand, so that a rule's owner is told with file and line.

1. Folders are listed first, and only what is in them is read.
2. Of scripts only the lines that name a firewall program, or a bridge (network_files reads the same scripts), are kept;
   the others become empty lines, so that the lines still count as on disk.
3. What nftables' files include is read too, below /etc.
4. Of each file the first mebibyte is kept: a saved listing of 10,000 rules.
"""

import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from pxedoctor.access.answer import Answer, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.redact import without_credentials, without_keys

# Read without listing /etc, whose other names are not our business.
ALONE = (
    "/etc/nftables.conf",
    "/etc/default/ufw",
    "/etc/docker/daemon.json",
    "/etc/firewalld/direct.xml",
)
_UFW = ("before", "before6", "after", "after6", "user", "user6")
_SHOREWALL = ("rules", "policy", "zones", "interfaces")
# Folder, and the patterns of the names in it.
RULE_FOLDERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("/etc/nftables", ("*.nft",)),
    ("/etc/sysconfig", ("nftables.conf", "iptables", "ip6tables")),
    ("/etc/iptables", ("rules.v4", "rules.v6", "iptables.rules", "ip6tables.rules")),
    ("/etc/ufw", ("ufw.conf", *(f"{name}.rules" for name in _UFW))),
    ("/etc/shorewall", _SHOREWALL),
    ("/etc/shorewall6", _SHOREWALL),
    ("/etc/pve/firewall", ("*.fw",)),
    ("/etc/pve/local", ("host.fw",)),
)
SCRIPTS = ("/etc/rc.local",)
# Read whole, but for secrets, because network_files reads them too.
INTERFACES = "/etc/network/interfaces"
INTERFACES_FOLDER = "/etc/network/interfaces.d"
SCRIPT_FOLDERS = (
    "/etc/network/if-pre-up.d",
    "/etc/network/if-up.d",
    "/etc/network/if-down.d",
    "/etc/network/if-post-down.d",
    "/etc/NetworkManager/dispatcher.d",
    "/etc/libvirt/hooks",
    "/etc/libvirt/hooks/network.d",
    "/etc/libvirt/hooks/qemu.d",
)

MOST_CHARACTERS = 1024 * 1024
CUT_HERE = "# (longer than pxedoctor keeps: the rest was left out)\n"
# Programs by name, and variables that are called after them: $IPT, ${IPTABLES}.
_NAMES_PROGRAM = (
    r"(?i)\b(?:ip6?tables|ebtables|arptables|nft|brctl|bridge|stp_state|forward_delay)\b|\$\{?\w{0,20}ip6?t\w{0,20}"
)
_INCLUDE = r'(?m)^\s*include\s+"([^"\n]{1,500})"'
_MOST_INCLUDED = 50

# A folder's names; a file's text, or None where there is none to be had.
ListFolder = Callable[[str], Iterable[str]]
ReadFile = Callable[[str], str | None]


def ask(host: Notebook) -> None:
    reached(host.names, lambda path: _text(host.read(path, cut=cut_of(path))))


def reached(names: ListFolder, read: ReadFile) -> tuple[str, ...]:
    """Every path that is read, in the order in which it is read; asked of a host, or of what a host once answered."""
    paths = [*ALONE, *SCRIPTS, INTERFACES, *(f"{INTERFACES_FOLDER}/{name}" for name in names(INTERFACES_FOLDER))]
    for folder, patterns in RULE_FOLDERS:
        paths += [f"{folder}/{name}" for name in names(folder) if any(fnmatchcase(name, entry) for entry in patterns)]
    for folder in SCRIPT_FOLDERS:
        # What an editor or a package manager left beside a script is run by nobody (run-parts(8)).
        paths += [f"{folder}/{name}" for name in names(folder) if re.fullmatch(r"[\w-]+(?:\.sh)?", name)]
    done: list[str] = []
    for path in paths:
        text = read(path) or ""
        done.append(path)
        if is_nft(path):
            done += _included(text, names, read, {*done, *paths})
    return tuple(done)


def _included(text: str, names: ListFolder, read: ReadFile, known: set[str]) -> list[str]:
    """What nft's files include, and what those include: nft(8) takes shell patterns, and looks in /etc."""
    done: list[str] = []
    waiting = _includes(text)
    while waiting and len(done) < _MOST_INCLUDED:
        folder, _, pattern = waiting.pop(0).rpartition("/")
        found = [name for name in names(folder) if fnmatchcase(name, pattern)] if _is_pattern(pattern) else [pattern]
        for path in (f"{folder}/{name}" for name in found):
            if path not in known:
                known.add(path)
                done.append(path)
                waiting += _includes(read(path) or "")
    return done


def _includes(text: str) -> list[str]:
    paths = [path if path.startswith("/") else f"/etc/{path}" for path in re.findall(_INCLUDE, text)]
    return [path for path in paths if path.startswith("/etc/") and "/../" not in path]


def _is_pattern(name: str) -> bool:
    return any(letter in name for letter in "*?[")


def is_nft(path: str) -> bool:
    return path.endswith((".nft", "/nftables.conf"))


def is_script(path: str) -> bool:
    return path in SCRIPTS or path.rpartition("/")[0] in SCRIPT_FOLDERS


def cut_of(path: str) -> Callable[[str], str]:
    if path == INTERFACES or path.rpartition("/")[0] == INTERFACES_FOLDER:
        return configuration
    return _script if is_script(path) else _rules


def configuration(text: str) -> str:
    """Of a network's configuration everything, but for secrets and what is too long."""
    return _rules(without_keys(text))


def _script(text: str) -> str:
    kept = [
        line if re.search(_NAMES_PROGRAM, line) or line == CUT_HERE.rstrip() else ""
        for line in _rules(text).splitlines()
    ]
    return "\n".join(kept) + "\n" if any(kept) else ""


def _rules(text: str) -> str:
    text = without_credentials(text)
    if len(text) <= MOST_CHARACTERS:
        return text
    return text[: text.rfind("\n", 0, MOST_CHARACTERS - len(CUT_HERE)) + 1] + CUT_HERE


def _text(answer: Answer) -> str | None:
    return answer.text if isinstance(answer, Text) else None
