"""Asks what is in the UEFI firmware of guests that have no virtio-rng, whether this host's processors have RDRAND, and
whether keys of Secure Boot are enrolled in the variables of guests that may boot from the network.

The drivers of OVMF are packed with LZMA in a section of their own kind (edk2 MdeModulePkg's LzmaCustomDecompress), so
that no program of the host lists them: a few lines of Python unpack it and say which of the words below are in it.
Guests with a virtio-rng boot with every firmware: for them it is not unpacked. Of the variables nothing is told but
whether there is a platform key, and whether Secure Boot was switched off.
"""

import re
from collections.abc import Iterable, Iterator

from pxedoctor.access.answer import Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.redact import without_secrets
from pxedoctor.collect.ask import libvirt
from pxedoctor.collect.ask.boot_roms import MAY_NETBOOT

PROCESSORS = "/proc/cpuinfo"
RDRAND = "rdrand"
# What the script prints: that it could unpack the drivers, and what it found in them.
UNPACKED, NEEDS = "unpacked", "needs EFI_RNG_PROTOCOL"
_LOADER = (
    r"<loader\b[^<>]{0,400}\btype\s{0,9}=\s{0,9}['\"]pflash['\"][^<>]{0,400}>"
    r"\s*([^<>\s][^<>]{0,1000}?)\s*</loader>"
)
_NVRAM = r"<nvram\b([^<>]{0,1200})>([^<>]{0,1000})"
_TEMPLATE = r"\btemplate\s{0,9}=\s{0,9}(?:'([^']{1,1000})'|\"([^\"]{1,1000})\")"
_SOURCE = (
    r"<nvram\b[^<>]{0,1200}>\s*<source\s[^<>]{0,200}?"
    r"\bfile\s{0,9}=\s{0,9}['\"]([^'\"]{1,1000})['\"]"
)
_MOST_FILES = 8
_MOST_STORES = 512
STORE, KEYS, OFF, ABSENT = "variables", "PK", "off", "absent"
# A dependency is "push" (02) and the GUID of what is waited for (UEFI PI, volume 2, 10.4); the name of a driver is in
# a section of kind 15, in UTF-16 (volume 3, 2.2.5).
SCRIPT = """\
import lzma, sys, uuid
packed = uuid.UUID("ee4e5898-3914-4259-9d6e-dc7bd79403cf").bytes_le
random = uuid.UUID("3152bca5-eade-433d-862e-c01cdc291f44").bytes_le
content = open(sys.argv[1], "rb").read(64 << 20)
at = content.find(packed)
if at >= 4:
    start = at - 4 + int.from_bytes(content[at + 16 : at + 18], "little")
    drivers = lzma.LZMADecompressor(lzma.FORMAT_ALONE).decompress(content[start:], 64 << 20)
    print("unpacked")
    if b"\\x02" + random in drivers:
        print("needs EFI_RNG_PROTOCOL")
    for name in ("RngDxe", "VirtioRngDxe", "VirtioNetDxe", "UefiPxeBcDxe", "SecureBootConfigDxe"):
        if b"\\x15" + name.encode("utf-16-le") + b"\\0\\0" in drivers:
            print(name)
"""
# Each variable: 55aa, a byte of state (3f: there; 3e: about to be replaced), at 36 and 40 the sizes of name and value,
# both behind 60 bytes (edk2 MdeModulePkg/Include/Guid/VariableFormat.h, AUTHENTICATED_VARIABLE_HEADER).
STORE_SCRIPT = """\
import sys, uuid
store = uuid.UUID("aaf32c78-947b-439a-a180-2e144ec37792").bytes_le
for path in sys.argv[1:]:
    try:
        content = open(path, "rb").read(64 << 20)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            print("absent", path)
        continue
    at = content.find(store)
    if at < 0:
        continue
    end = at + int.from_bytes(content[at + 16 : at + 20], "little")
    words, at = ["variables"], at + 28
    while content[at : at + 2] == b"\\xaa\\x55" and at + 60 < end:
        names, size = (int.from_bytes(content[at + part : at + part + 4], "little") for part in (36, 40))
        name = content[at + 60 : at + 60 + names].decode("utf-16-le", "replace").rstrip("\\0")
        if content[at + 2] in (0x3F, 0x3E):
            if name == "PK" and size:
                words.append("PK")
            if name == "SecureBootEnable" and content[at + 60 + names : at + 61 + names] == b"\\0":
                words.append("off")
        at += (63 + names + size) // 4 * 4
    print(",".join(words), path)
"""


def look_into(path: str) -> tuple[str, ...]:
    return ("python3", "-IS", "-c", SCRIPT, path)


def variables_in(*paths: str) -> tuple[str, ...]:
    return ("python3", "-IS", "-c", STORE_SCRIPT, *paths)


def ask(host: Notebook) -> None:
    texts = _definitions(host)
    loaders = _plain(path for text in texts if "<rng " not in text for path in re.findall(_LOADER, text))[:_MOST_FILES]
    for path in loaders:
        host.run(look_into(path))
    if loaders:
        host.read(PROCESSORS, cut=_rdrand_alone)
    stores = _plain(path for text in texts if re.search(MAY_NETBOOT, text) for path in _stores(text))[:_MOST_STORES]
    if stores:
        host.run(variables_in(*stores))


def _rdrand_alone(cpuinfo: str) -> str:
    """Of the processors' flags (proc_cpuinfo(5)) the one word, if the first of them has it."""
    first = next((line for line in cpuinfo.splitlines() if line.startswith("flags")), "")
    return f"flags : {RDRAND}" if RDRAND in first.split() else "flags :"


def _definitions(host: Notebook) -> list[str]:
    libvirt.ask_domains(host)
    found: list[str] = []
    for folder in (libvirt.QEMU_DEFINED, libvirt.QEMU_LIVE):
        for name in host.names(folder):
            answer = host.read(f"{folder}/{name}", cut=without_secrets) if name.endswith(".xml") else None
            if isinstance(answer, Text):
                found.append(answer.text)
    return found


def _stores(text: str) -> Iterator[str]:
    for attributes, file in re.findall(_NVRAM, text):
        yield file.strip()
        yield from (one or other for one, other in re.findall(_TEMPLATE, attributes))
    yield from re.findall(_SOURCE, text)


def _plain(paths: Iterable[str]) -> list[str]:
    return [path for path in dict.fromkeys(paths) if path.startswith("/") and not set("&\n") & set(path)]
