"""Asks for the boot ROMs of guests that may boot from the network: where QEMU looks for them, and what is in them.

1. The folders of each emulator, as `-L help` prints them: of QEMU's own programs alone, never of another that a
   definition names.
2. Of QEMU's own ROMs in them, and of those that a definition names: are they there, and for which firmware.
"""

import re

from pxedoctor.access.answer import Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.redact import without_secrets
from pxedoctor.collect.ask import libvirt
from pxedoctor.model.boot_rom import QEMUS_OWN

EMULATORS = (
    "/usr/bin/qemu-system-x86_64",
    "/usr/bin/qemu-system-i386",
    "/usr/bin/qemu-kvm",
    "/usr/libexec/qemu-kvm",
    "/usr/bin/kvm",
)
ABSENT, UNREADABLE, FILE = "absent", "unreadable", "file"
_ROM = r"<rom\s[^<>]{0,200}?\bfile\s{0,9}=\s{0,9}(?:'([^']{1,1000})'|\"([^\"]{1,1000})\")"
_EMULATOR = r"<emulator>\s*([^<>\s][^<>]{0,1000}?)\s*</emulator>"
MAY_NETBOOT = r"<boot\s{1,9}(?:dev\s{0,9}=\s{0,9}['\"]network|order)"
_MOST_FILES = 64
# 55 aa, at 18 where "PCIR" is; there, at 10 the image's size in 512 bytes, at 14 its kind, at 15 whether it is the last
# (PCI Firmware Specification 3.1, 5.1.2).
SCRIPT = """\
import sys
for path in sys.argv[1:]:
    try:
        rom = open(path, "rb").read(16 << 20)
    except OSError as error:
        print("absent" if isinstance(error, FileNotFoundError) else "unreadable", path)
        continue
    at, kinds = 0, []
    while rom[at : at + 2] == b"\\x55\\xaa":
        told = at + int.from_bytes(rom[at + 24 : at + 26], "little")
        size = int.from_bytes(rom[told + 16 : told + 18], "little")
        if rom[told : told + 4] != b"PCIR" or len(rom) < told + 22:
            break
        kinds.append(str(rom[told + 20]))
        if rom[told + 21] & 128 or not size:
            break
        at += 512 * size
    print("file", ",".join(kinds) or "-", path)
"""


def folders_of(emulator: str) -> tuple[str, ...]:
    return (emulator, "-L", "help")


def look_at(*paths: str) -> tuple[str, ...]:
    return ("python3", "-IS", "-c", SCRIPT, *paths)


def ask(host: Notebook) -> None:
    emulators, named = _wanted(host)
    paths = [path for path in dict.fromkeys(named) if path.startswith("/")]
    for emulator in dict.fromkeys(emulators):
        told = host.run(folders_of(emulator))
        folders = told.text.splitlines() if isinstance(told, Text) else []
        paths += [f"{folder}/{name}" for folder in folders for name in (*QEMUS_OWN, *named) if "/" not in name]
    paths = [path for path in dict.fromkeys(paths) if "\n" not in path][:_MOST_FILES]
    if paths:
        host.run(look_at(*paths))


def _wanted(host: Notebook) -> tuple[list[str], list[str]]:
    """The emulators of the guests that may boot from the network, and the ROMs that they name."""
    libvirt.ask_domains(host)
    emulators: list[str] = []
    named: list[str] = []
    for folder in (libvirt.QEMU_DEFINED, libvirt.QEMU_LIVE):
        for name in host.names(folder):
            answer = host.read(f"{folder}/{name}", cut=without_secrets) if name.endswith(".xml") else None
            text = answer.text if isinstance(answer, Text) else ""
            if re.search(MAY_NETBOOT, text):
                emulators += [path for path in re.findall(_EMULATOR, text) if path in EMULATORS]
                named += [one or other for one, other in re.findall(_ROM, text)]
    return emulators, [name for name in named if "&" not in name]
