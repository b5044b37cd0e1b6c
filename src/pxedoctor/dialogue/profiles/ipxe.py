"""iPXE as its sources have it, in a BIOS build: what QEMU's ROMs are, up to the features that a build is made with.

iPXE [0ab2277c, 2026-08-21] src/config/dhcp.h (timeouts), src/net/retry.c (a timer doubles), src/net/udp/dhcp.c
(options and their order, secs, what is taken when), src/net/udp/tftp.c (blksize 1432, tsize, no windowsize),
src/arch/x86/include/ipxe/ pcbios/dhcparch.h (option 60, 93, 94). Seen on a wire: tests/wire/captures/ipxe.pcap.
"""

import msgspec

from pxedoctor.dialogue.profile import (
    BootServerHabits,
    Choice,
    HttpHabits,
    Part,
    Profile,
    ProxyHabits,
    Secs,
    Selection,
    ServerRequest,
    Tally,
    TftpHabits,
)
from pxedoctor.dialogue.schedule import at
from pxedoctor.wire import ipxe
from pxedoctor.wire.architecture import Architecture, NetworkInterface
from pxedoctor.wire.dhcp4 import BROADCAST_FLAG
from pxedoctor.wire.dhcp4_formats import UserClass
from pxedoctor.wire.dhcp4_known import (
    CLIENT_ARCHITECTURE,
    CLIENT_INTERFACE,
    IPXE,
    MAX_MESSAGE_SIZE,
    PARAMETER_LIST,
    USER_CLASSES,
    VENDOR_CLASS,
)
from pxedoctor.wire.options import Option

_PXE_UNDEFINED = tuple(range(128, 136))
ASKED = (1, 3, 6, 7, 12, 15, 17, 26, 42, 43, 60, 66, 67, 119, 121, *_PXE_UNDEFINED, 175, 203)
# virtio-net on PCI, version 1.0.0, and QEMU's features: src/config/qemu, sorted as the linker laid them.
_BUS = ipxe.BUS_ID.of(bytes.fromhex("011af41000"))
_VERSION = ipxe.VERSION.of(bytes.fromhex("010000"))
_FEATURES = (0x17, 0x22, 0x13, 0x11, 0x27, 0x19, 0x29, 0x10, 0x21, 0x15, 0x18, 0x12)
_PXE_EXTENSIONS = 0x10


class Build(msgspec.Struct, frozen=True, kw_only=True):
    """What a build of iPXE says of itself. `features`: in option 175, in the order that its linker laid them."""

    architecture: Architecture
    interface: NetworkInterface
    features: tuple[int, ...]

    @property
    def vendor_class(self) -> Option:
        version = f"{self.interface.major:03d}{self.interface.minor:03d}"
        return VENDOR_CLASS.of(f"PXEClient:Arch:{self.architecture:05d}:UNDI:{version}")

    @property
    def told(self) -> tuple[Option, ...]:
        values = ((code, b"\x02" if code == _PXE_EXTENSIONS else b"\x01") for code in self.features)
        return (_BUS, _VERSION, *(Option(code, value) for code, value in values))


BIOS = Build(architecture=Architecture.X86_BIOS, interface=NetworkInterface(major=2, minor=1), features=_FEATURES)


def options(asked: tuple[int, ...], build: Build = BIOS) -> tuple[Option | Part, ...]:
    """What every message begins with; `asked` is option 55."""
    return (
        Part.TYPE,
        MAX_MESSAGE_SIZE.of(1472),
        CLIENT_ARCHITECTURE.of((build.architecture,)),
        CLIENT_INTERFACE.of(build.interface),
        build.vendor_class,
        USER_CLASSES.of(UserClass(bare=b"iPXE")),
        PARAMETER_LIST.of(asked),
        IPXE.of(build.told),
        Part.CLIENT_ID,
        Part.MACHINE,
    )


# src/net/tcp/httpcore.c: it follows redirects without counting them; the probe stops at five.
HTTP = HttpHabits(agent="iPXE/1.0.0+", redirects=5)


def boot_server(asked: tuple[int, ...], build: Build = BIOS) -> BootServerHabits:
    """It has an address by then, and sets the broadcast flag; option 60 is as the menu's server said it.

    Where 3 s are over when its timer fires, which it does at 3 s, it goes on to the next server.
    """
    said = options(asked, build)
    plain = (VENDOR_CLASS.of("PXEClient") if part == build.vendor_class else part for part in said)
    return BootServerHabits(
        retries=at(0, 1, gives_up=3),
        request=ServerRequest(options=(*plain, Part.BOOT_ITEM), flags=BROADCAST_FLAG, tally=Tally.IPXE),
        falls_over=True,
        claims_type=True,
    )


# src/net/udp/tftp.c, over either family.
TFTP = TftpHabits(
    options=(("blksize", "1432"), ("tsize", "0")),
    retries=at(0, 0.25, 0.75, 1.75, 3.75, 7.75, gives_up=15.75),
)

PROFILE = Profile(
    name="ipxe",
    title="iPXE",
    sources=("ipxe 0ab2277c src/config/dhcp.h", "ipxe 0ab2277c src/net/udp/dhcp.c", "tests/wire/captures/ipxe.pcap"),
    discover=at(0, 1, 3, 7, gives_up=15),
    request=at(0, 0.25, 0.75, 1.75, 3.75, 7.75, gives_up=15.75),
    discover_options=options(ASKED),
    request_options=(*options(ASKED), Part.SERVER, Part.ADDRESS),
    secs=Secs.IPXE,
    size=0,
    selection=Selection.PROXY,
    choice=Choice.PRIORITY,
    patience=2,
    proxy=ProxyHabits(retries=at(0, 0.25, 0.75, 1.75, gives_up=3.75), fatal=False, flags=BROADCAST_FLAG),
    boot_server=boot_server(ASKED),
    tftp=TFTP,
    http=HTTP,
)
