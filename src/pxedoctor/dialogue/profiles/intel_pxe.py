"""A ROM after Intel's PXE 2.1 specification, as NICs have it: the first Boot Agents and what came after them.

The specification's times (4, 8, 16 and 32 s; boot server 1, 2, 3 and 4 s) as iPXE src/config/dhcp.h and edk2
UefiPxeBcDxe/PxeBcImpl.h quote them; options after RFC 4578. The specification's own text could not be had, and no such
ROM was seen on a wire.
"""

from pxedoctor.dialogue.profile import Choice, Part, Profile, ProxyHabits, Secs, Selection, TftpHabits
from pxedoctor.dialogue.schedule import at
from pxedoctor.wire.architecture import Architecture, NetworkInterface
from pxedoctor.wire.dhcp4 import BROADCAST_FLAG
from pxedoctor.wire.dhcp4_known import (
    CLIENT_ARCHITECTURE,
    CLIENT_INTERFACE,
    MAX_MESSAGE_SIZE,
    PARAMETER_LIST,
    VENDOR_CLASS,
)

_ASKED = (1, 2, 3, 5, 6, 11, 12, 13, 15, 16, 17, 18, 43, 54, 60, 67, *range(128, 136))
_TAIL = (
    MAX_MESSAGE_SIZE.of(1260),
    Part.MACHINE,
    CLIENT_ARCHITECTURE.of((Architecture.X86_BIOS,)),
    CLIENT_INTERFACE.of(NetworkInterface(major=2, minor=1)),
    VENDOR_CLASS.of("PXEClient:Arch:00000:UNDI:002001"),
)

PROFILE = Profile(
    name="intel-pxe",
    title="Intel PXE 2.1 ROM",
    sources=("PXE 2.1, as quoted by iPXE src/config/dhcp.h and edk2 PxeBcImpl.h", "RFC 4578"),
    discover=at(0, 4, 12, 28, gives_up=60),
    request=at(0, 4, 12, 28, gives_up=60),
    discover_options=(Part.TYPE, PARAMETER_LIST.of(_ASKED), *_TAIL),
    request_options=(Part.TYPE, Part.ADDRESS, PARAMETER_LIST.of(_ASKED), Part.SERVER, *_TAIL),
    flags=BROADCAST_FLAG,
    secs=Secs.ELAPSED,
    size=548,
    selection=Selection.PROXY,
    choice=Choice.BOOTABLE,
    patience=11,
    proxy=ProxyHabits(retries=at(0, 1, 3, 6, gives_up=10), fatal=True),
    tftp=TftpHabits(
        options=(("blksize", "1456"),),
        retries=at(0, 4, 8, 12, 16, 20, gives_up=24),
        asks_size_first=(("tsize", "0"),),
    ),
)
