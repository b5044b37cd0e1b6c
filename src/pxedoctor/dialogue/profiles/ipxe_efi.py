"""iPXE as an EFI program, x86-64: what a guest with OVMF asks with once it was handed snponly.efi or ipxe.efi.

iPXE [0ab2277c, 2026-08-21] src/arch/x86_64/include/ipxe/efi/dhcparch.h (options 60, 93 and 94); else as `ipxe`. Seen on
a wire, of Debian 12's snponly.efi, which is made with fewer features and does not ask for options 42 and 121:
tests/wire/captures/ipxe-efi.pcap. A test tells the two apart by these alone.
"""

from msgspec.structs import replace

from pxedoctor.dialogue.profile import Part
from pxedoctor.dialogue.profiles import ipxe
from pxedoctor.wire.architecture import Architecture, NetworkInterface

BUILD = ipxe.Build(
    architecture=Architecture.X64_UEFI,
    interface=NetworkInterface(major=3, minor=10),
    features=(0x17, 0x24, 0x13, 0x11, 0x27, 0x29, 0x15, 0x12),
)

PROFILE = replace(
    ipxe.PROFILE,
    name="ipxe-efi",
    title="iPXE (EFI build)",
    sources=("ipxe 0ab2277c src/net/udp/dhcp.c", "tests/wire/captures/ipxe-efi.pcap"),
    discover_options=ipxe.options(ipxe.ASKED, BUILD),
    request_options=(*ipxe.options(ipxe.ASKED, BUILD), Part.SERVER, Part.ADDRESS),
    boot_server=ipxe.boot_server(ipxe.ASKED, BUILD),
)
