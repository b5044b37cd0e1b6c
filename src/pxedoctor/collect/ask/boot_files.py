"""Asks about the boot files that this host serves by TFTP: the way to each, and how it begins.

1. Which they are: the names and roots in libvirt's networks and in the settings of running TFTP servers.
2. For each: where links lead, and mode and owner of every folder on the way, as ls prints them.
3. Its first bytes, in hexadecimal digits, if it is a plain file; a script's without the credentials in it.
"""

import re
from collections.abc import Iterator

from pxedoctor.access.answer import Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.redact import without_credentials, without_secrets
from pxedoctor.collect.ask import dnsmasq, libvirt, processes
from pxedoctor.wire.tftp_path import tftp_path

FIRST_BYTES = 4096
# Of one host; more are not asked about.
_MOST_FILES = 32
_LONGEST = 1024
_ROOT = r"<tftp\s[^<>]{0,200}?\broot\s{0,9}=\s{0,9}(?:'([^']{1,1000})'|\"([^\"]{1,1000})\")"
_FILE = r"<bootp\s[^<>]{0,200}?\bfile\s{0,9}=\s{0,9}(?:'([^']{1,1000})'|\"([^\"]{1,1000})\")"
_TAGS = ("tag:", "net:")

Wanted = tuple[str, str]  # root, file


def ls(*paths: str) -> tuple[str, ...]:
    """Links followed (-L), numbers for owners, names quoted as C does, and no times."""
    return ("ls", "-ldLn", "--quoting-style=c", "--time-style=+", "--", *paths)


def resolved(path: str) -> tuple[str, ...]:
    return ("readlink", "-f", "--", path)


def beginning(path: str) -> tuple[str, ...]:
    return ("od", "-An", "-v", "-tx1", f"-N{FIRST_BYTES}", "--", path)


def ask(host: Notebook) -> None:
    paths = dict.fromkeys(path for root, file in _wanted(host) if _is_plain(path := tftp_path(root, file)))
    for path in list(paths)[:_MOST_FILES]:
        _ask_about(host, path)


def way(path: str) -> list[str]:
    """Every folder on the way, from / on, and the file."""
    parts = [part for part in path.split("/") if part]
    return ["/", *("/" + "/".join(parts[: place + 1]) for place in range(len(parts)))]


def _is_plain(path: str) -> bool:
    return path.startswith("/") and len(path) < _LONGEST and "\0" not in path and "\n" not in path


def _ask_about(host: Notebook, path: str) -> None:
    real = host.run(resolved(path))
    target = real.text.rstrip("\n") if isinstance(real, Text) else path
    for goal in dict.fromkeys((path, target)):
        listed = host.run(ls(*way(goal)), cut=without_moving)
        if not isinstance(listed, Text):
            _ask_step_by_step(host, way(goal))
        elif goal == path and listed.text.rstrip("\n").rpartition("\n")[2].startswith("-"):
            host.run(beginning(path), cut=_script_without_credentials)


def _ask_step_by_step(host: Notebook, steps: list[str]) -> None:
    """Up to the first that is not there, or may not be looked at."""
    for step in steps:
        if not isinstance(host.run(ls(step), cut=without_moving), Text):
            return


def without_moving(listing: str) -> str:
    """A listing without counts of links and sizes of folders, which change by themselves; cut twice it stays."""
    return "\n".join(_still(line) for line in listing.splitlines())


def _still(line: str) -> str:
    words = line.split(None, 5)
    if len(words) < 6:
        return line
    mode, _, uid, gid, size, name = words
    return f"{mode} - {uid} {gid} {size if mode.startswith('-') else '-'} {name}"


def _script_without_credentials(digits: str) -> str:
    """Programs hold NUL bytes, and stay as they are; a text may be a script with somebody's password."""
    try:
        content = bytes.fromhex("".join(digits.split()))
    except ValueError:
        return ""
    if b"\0" not in content:
        content = without_credentials(content.decode("latin-1")).encode("latin-1")[:FIRST_BYTES]
    return content.hex()


def _wanted(host: Notebook) -> Iterator[Wanted]:
    """Every root with the files that are named beside it, and of TFTP servers of another kind with all of them."""
    libvirt.ask_networks(host)
    processes.ask(host)
    found = [*_of_networks(host), *_of_dnsmasqs(host)]
    for roots, files in found:
        yield from ((root, file) for root in roots or ("",) for file in files)
    every = dict.fromkeys(file for _, files in found for file in files)
    yield from ((root, file) for root in _roots_of_tftpds(host) for file in every)


def _unescaped(value: str) -> str:
    """An attribute as XML means it."""
    if "&" not in value:
        return value
    # It brings the names of 2,231 characters with it.
    from html import unescape

    return unescape(value)


def _of_networks(host: Notebook) -> Iterator[tuple[list[str], list[str]]]:
    for folder in (libvirt.NETWORKS_LIVE, libvirt.NETWORKS_DEFINED):
        for name in host.names(folder):
            answer = host.read(f"{folder}/{name}", cut=without_secrets) if name.endswith(".xml") else None
            if isinstance(answer, Text):
                roots = [_unescaped(one or other) for one, other in re.findall(_ROOT, answer.text)]
                files = [_unescaped(one or other) for one, other in re.findall(_FILE, answer.text)]
                yield roots, files


def _of_dnsmasqs(host: Notebook) -> Iterator[tuple[list[str], list[str]]]:
    for command in _commands(host):
        if "dnsmasq" in command.partition("\0")[0]:
            words = [word.removeprefix("--") for word in command.split("\0") if word.startswith("--")]
            lines = [*words, *(line.strip() for text in dnsmasq.texts(host, command) for line in text.splitlines())]
            roots = [value.partition(",")[0] for value in _values(lines, "tftp-root")]
            files = [_file_in(value) for value in _values(lines, "dhcp-boot")]
            yield roots, [file for file in files if file]


def _values(lines: list[str], option: str) -> list[str]:
    pairs = (line.partition("#")[0].partition("=") for line in lines)
    return [value.strip().strip('"') for name, _, value in pairs if name.strip() == option and value.strip()]


def _file_in(boot: str) -> str:
    return next((word for word in boot.split(",") if not word.startswith(_TAGS)), "").strip('"')


def _roots_of_tftpds(host: Notebook) -> Iterator[str]:
    """in.tftpd's last arguments are the folders that it serves (tftpd(8))."""
    for command in _commands(host):
        program, *words = [word for word in command.split("\0") if word]
        if program.rpartition("/")[2].endswith("tftpd"):
            yield from (word for word in words if word.startswith("/"))


def _commands(host: Notebook) -> list[str]:
    answers = ((question, answer) for question, answer in list(host.answers.items()) if isinstance(answer, Text))
    texts = [answer.text for question, answer in answers if question.endswith("/cmdline")]
    return sorted(text for text in texts if text.strip("\0"))
