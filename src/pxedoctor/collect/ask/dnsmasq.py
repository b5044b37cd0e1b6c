"""Asks for the settings of dnsmasq's own configuration files: whom it serves, and with what (dnsmasq(8)).

Only lines of the options named here are kept, and of a reservation only MACs and addresses. libvirt's dnsmasq has its
settings in the network's XML already. Then its lease file.
"""

import re
import shlex

from pxedoctor.access.answer import Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.ask.leases import only_lines

OPTIONS = (
    "interface",
    "except-interface",
    "no-dhcp-interface",
    "listen-address",
    "bind-interfaces",
    "bind-dynamic",
    "local-service",
    "auth-server",
    "pid-file",
    "shared-network",
    "dhcp-range",
    "dhcp-boot",
    "dhcp-match",
    "dhcp-vendorclass",
    "dhcp-userclass",
    "dhcp-option",
    "dhcp-option-force",
    "dhcp-relay",
    "dhcp-host",
    "dhcp-hostsfile",
    "dhcp-hostsdir",
    "dhcp-ignore",
    "read-ethers",
    "tag-if",
    "dhcp-leasefile",
    "dhcp-lease-max",
    "leasefile-ro",
    "enable-tftp",
    "tftp-root",
    "tftp-secure",
    "tftp-lowercase",
    "tftp-unique-root",
    "pxe-service",
    "pxe-prompt",
    "port",
    "no-ping",
    "conf-file",
    "conf-dir",
)
# What dnsmasq reads if it is told nothing else.
DEFAULT = "/etc/dnsmasq.conf"
_LIBVIRT = "/libvirt/"
_MOST_FILES = 100
# Where Debian's build of it keeps its leases (config.h, LEASEFILE); other systems' name it in their files.
LEASES = "/var/lib/misc/dnsmasq.leases"
_OF_RESERVATION = r"(?:[0-9a-fA-F*]{1,2}:){5}[0-9a-fA-F*]{1,2}|\d{1,3}(?:\.\d{1,3}){3}|ignore"
_KEPT = rf"\s*(?:{'|'.join(OPTIONS)})\s*(?:=|$)"


def ask(host: Notebook, command: str) -> None:
    """`command`: the arguments of one running dnsmasq, as /proc/PID/cmdline has them."""
    kept = tuple(line for text in texts(host, command) for line in text.splitlines())
    leases = "" if _LIBVIRT in command else lease_file(command, kept)
    if leases:
        host.read(leases, cut=only_lines)


def lease_file(command: str, settings: tuple[str, ...]) -> str:
    """Where it keeps its leases; "" for one that hands out none, or keeps them elsewhere (leasefile-ro)."""
    words = [word.removeprefix("--") for word in command.split("\0") if word] + [line.strip() for line in settings]
    pairs = [(name.strip(), value.strip()) for name, _, value in (word.partition("=") for word in words)]
    names = {name for name, _ in pairs}
    if "leasefile-ro" in names or not (names & {"dhcp-range", "-F"}):
        return ""
    named = [value for name, value in pairs if name == "dhcp-leasefile" and value.startswith("/")]
    return named[-1] if named else LEASES


def texts(host: Notebook, command: str) -> list[str]:
    """Of each configuration file that it reads, the lines that matter; none for libvirt's own dnsmasq."""
    if _LIBVIRT in command:
        return []
    waiting = files_of(command)
    seen: set[str] = set()
    found: list[str] = []
    while waiting and len(seen) < _MOST_FILES:
        kind, path = waiting.pop(0)
        if path in seen or not path.startswith("/"):
            continue
        seen.add(path)
        if kind == "conf-dir":
            folder, _, _ = path.partition(",")
            waiting += [("conf-file", f"{folder}/{name}") for name in host.names(folder) if is_read(name, path)]
            continue
        answer = host.read(path, cut=only_settings)
        if isinstance(answer, Text):
            found.append(answer.text)
            waiting += named_in(answer.text)
    return found


def files_of(command: str) -> list[tuple[str, str]]:
    """The files and folders that the arguments name, with the option that does; the default file where none does.

    /dev/null is how one says: no file at all.
    """
    words = [word for word in command.split("\0") if word]
    found: list[tuple[str, str]] = []
    for place, word in enumerate(words):
        after = words[place + 1] if place + 1 < len(words) else ""
        name, sign, value = word.partition("=")
        match name:
            case "--conf-file" | "--conf-dir":
                found.append((name.removeprefix("--"), value if sign else after))
            case "-C" | "-7":
                found.append(("conf-file" if name == "-C" else "conf-dir", after))
            case _ if word.startswith(("-C", "-7")):
                found.append(("conf-file" if word.startswith("-C") else "conf-dir", word[2:]))
    if not any(kind == "conf-file" for kind, _ in found):
        found = [("conf-file", DEFAULT), *found]
    return [(kind, path) for kind, path in found if path != "/dev/null"]


def named_in(text: str) -> list[tuple[str, str]]:
    """Further files and folders that a configuration file names."""
    pairs = (line.partition("=") for line in text.splitlines())
    named = ((name.strip(), _unquoted(value)) for name, _, value in pairs)
    return [(name, value) for name, value in named if name in {"conf-file", "conf-dir"}]


def _unquoted(value: str) -> str:
    try:
        return "".join(shlex.split(value, comments=True)[:1])
    except ValueError:
        return value.strip()


def is_read(name: str, folder: str) -> bool:
    """`folder` is conf-dir's value: after a comma come endings to leave out or, with a star, endings to take."""
    _, _, rules = folder.partition(",")
    endings = [ending for ending in rules.split(",") if ending]
    taken = [ending.removeprefix("*") for ending in endings if ending.startswith("*")]
    left_out = tuple(ending for ending in endings if not ending.startswith("*"))
    if name.endswith("~") or name.startswith(".") or (name.startswith("#") and name.endswith("#")):
        return False
    return name.endswith(tuple(taken)) if taken else not (left_out and name.endswith(left_out))


def only_settings(text: str) -> str:
    return "\n".join(_public(line) for line in text.splitlines() if re.match(_KEPT, line))


def _public(line: str) -> str:
    """A reservation without what else it says of a guest: its name, its tags, its client id."""
    name, _, value = line.partition("=")
    if name.strip() != "dhcp-host":
        return line
    return f"dhcp-host={','.join(word for word in value.split(',') if re.fullmatch(_OF_RESERVATION, word.strip()))}"
