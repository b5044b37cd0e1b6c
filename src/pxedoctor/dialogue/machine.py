"""A client on another processor: the same profile, which calls its machine by another number.

Firmware names its processor in option 93 (DHCPv6: 61) and in its vendor class, and is otherwise the same program. The
numbers are IANA's; which one edk2 sends on which machine is in MdePkg/Include/Protocol/PxeBaseCode.h (PXE) and
NetworkPkg/HttpBootDxe/HttpBootImpl.h (HTTP boot), iPXE's are in src/include/ipxe/efi/efi.h and dhcparch.h.
"""

import re
from typing import TypeVar

from msgspec.structs import replace

from pxedoctor.dialogue.profile import Part, Part6, Profile, Profile6
from pxedoctor.wire import dhcp4_known, dhcp6_known
from pxedoctor.wire.architecture import Architecture
from pxedoctor.wire.options import Option

# libvirt's names of machines (virArch): firmware's numbers for PXE, and for HTTP boot.
_EFI = {
    "x86_64": (Architecture.X64_UEFI, Architecture.X64_UEFI_HTTP),
    "i686": (Architecture.X86_UEFI, Architecture.X86_UEFI_HTTP),
    "aarch64": (Architecture.ARM64_UEFI, Architecture.ARM64_UEFI_HTTP),
    "armv7l": (Architecture.ARM32_UEFI, Architecture.ARM32_UEFI_HTTP),
    "riscv64": (Architecture.RISCV64_UEFI, Architecture.RISCV64_UEFI_HTTP),
    "loongarch64": (Architecture.LOONGARCH64_UEFI, Architecture.LOONGARCH64_UEFI_HTTP),
}
_OTHERS = {
    Architecture.X86_BIOS: ("x86_64", "i686"),
    Architecture.ARM64_UBOOT: ("aarch64",),
}
_IN_CLASS = rb"Arch:\d{5}"

AnyPart = TypeVar("AnyPart", Part, Part6)


def on_machine(profile: Profile | Profile6, arch: str) -> Profile | Profile6 | str:
    """The profile as it is on a machine of libvirt's name `arch`; else why there is no such client, for a person.

    An operating system's client, which does not tell its processor, is the same everywhere.
    """
    told = profile.architecture
    if told is None or arch in _OTHERS.get(Architecture(told), ()):
        return profile
    pair = _EFI.get(arch)
    which = next((index for index in (0, 1) if told in {numbers[index] for numbers in _EFI.values()}), None)
    if pair is None or which is None:
        return f"{profile.title} is not known on machines of {arch or 'an unknown kind'}"
    return _retargeted(profile, pair[which])


def _retargeted(profile: Profile | Profile6, number: Architecture) -> Profile | Profile6:
    if isinstance(profile, Profile6):
        return replace(profile, options=_numbered(profile.options, number))
    proxy, searching = profile.proxy, profile.boot_server
    if proxy and proxy.request:
        proxy = replace(proxy, request=replace(proxy.request, options=_numbered(proxy.request.options, number)))
    if searching:
        request = replace(searching.request, options=_numbered(searching.request.options, number))
        searching = replace(searching, request=request)
    return replace(
        profile,
        discover_options=_numbered(profile.discover_options, number),
        request_options=_numbered(profile.request_options, number),
        proxy=proxy,
        boot_server=searching,
    )


def _numbered(parts: tuple[Option | AnyPart, ...], number: Architecture) -> tuple[Option | AnyPart, ...]:
    return tuple(_renumbered(part, number) if isinstance(part, Option) else part for part in parts)


def _renumbered(option: Option, number: Architecture) -> Option:
    architectures = (dhcp4_known.CLIENT_ARCHITECTURE, dhcp6_known.CLIENT_ARCHITECTURE)
    if any(option.code == known.code and len(option.content) == 2 for known in architectures):
        return Option(option.code, number.to_bytes(2))
    return Option(option.code, re.sub(_IN_CLASS, b"Arch:%05d" % number, option.content))
