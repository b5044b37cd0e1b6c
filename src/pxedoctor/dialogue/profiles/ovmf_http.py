"""OVMF's HTTP boot over IPv4, x86-64, with its own virtio driver.

edk2 [c5aa7e7d, 2026-08-06] NetworkPkg/HttpBootDxe/HttpBootDhcp4.c: timeouts and options as in PXE, 26 codes asked for
and one, the 25th, that is never written: it is whatever was in memory, 235 in the capture. An offer counts only where
option 60 is echoed as HTTPClient, or beside a proxy's that does. Seen on a wire: tests/wire/captures/ovmf.pcap.
"""

from msgspec.structs import replace

from pxedoctor.dialogue.profile import Choice, HttpHabits, Part, Refusal
from pxedoctor.dialogue.profiles import ovmf
from pxedoctor.wire.architecture import Architecture, NetworkInterface
from pxedoctor.wire.dhcp4_known import (
    CLIENT_ARCHITECTURE,
    CLIENT_INTERFACE,
    MAX_MESSAGE_SIZE,
    PARAMETER_LIST,
    VENDOR_CLASS,
)
from pxedoctor.wire.options import Option

# HttpBootClient.h, HttpBootImpl.c: HEAD for the size, then GET; a redirect is an error to it.
HTTP = HttpHabits(agent="UefiHttpBoot/1.0", asks_head_first=True)

_UNWRITTEN = 235
_ASKED = (
    *(1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60),
    *(_UNWRITTEN, 67, 97),
)


def _tail(largest: int) -> tuple[Option | Part, ...]:
    return (
        MAX_MESSAGE_SIZE.of(largest),
        PARAMETER_LIST.of(_ASKED),
        Part.MACHINE,
        CLIENT_INTERFACE.of(NetworkInterface(major=3, minor=0)),
        CLIENT_ARCHITECTURE.of((Architecture.X64_UEFI_HTTP,)),
        VENDOR_CLASS.of("HTTPClient:Arch:00016:UNDI:003000"),
    )


PROFILE = replace(
    ovmf.PROFILE,
    name="ovmf-http",
    title="OVMF HTTP boot",
    sources=("edk2 c5aa7e7d NetworkPkg/HttpBootDxe/HttpBootDhcp4.c", "tests/wire/captures/ovmf.pcap"),
    discover_options=(Part.TYPE, *_tail(1472)),
    request_options=(Part.TYPE, Part.SERVER, Part.ADDRESS, *_tail(0xFF00)),
    choice=Choice.FIRST,
    refuses=(Refusal.CHECKSUM, Refusal.SOURCE_PORT, Refusal.NO_SERVER, Refusal.CLASS_NOT_ECHOED),
    proxy=None,
    boot_server=None,
    tftp=None,
    http=HTTP,
)
