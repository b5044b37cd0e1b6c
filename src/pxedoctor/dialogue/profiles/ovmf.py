"""OVMF's PXE client over IPv4, x86-64, with its own virtio driver (VirtioNetDxe).

edk2 [c5aa7e7d, 2026-08-06] NetworkPkg/UefiPxeBcDxe/PxeBcDhcp4.c (timeouts, options, which offer is taken:
IsOfferSorted and PxeBcSelectDhcp4Offer), NetworkPkg/Dhcp4Dxe/Dhcp4Io.c (an offer is acted on at the next tick that a
packet is due; the broadcast flag; option 57 of a REQUEST is 0xff00; the UDP port is bound to the server's 67),
PxeBcImpl.c (TFTP). Under the iPXE ROM as the NIC's driver options 60 and 94 say 003001 and 3.1 instead. Seen on a
wire: tests/wire/captures/ovmf.pcap.
"""

from pxedoctor.dialogue.profile import (
    BootServerHabits,
    Choice,
    Part,
    Profile,
    ProxyHabits,
    ProxySays,
    Refusal,
    Secs,
    Selection,
    ServerRequest,
    Tally,
    TftpHabits,
)
from pxedoctor.dialogue.schedule import at
from pxedoctor.wire.architecture import Architecture, NetworkInterface
from pxedoctor.wire.dhcp4 import BROADCAST_FLAG, PROXY_PORT
from pxedoctor.wire.dhcp4_known import (
    CLIENT_ARCHITECTURE,
    CLIENT_INTERFACE,
    MAX_MESSAGE_SIZE,
    PARAMETER_LIST,
    VENDOR_CLASS,
)
from pxedoctor.wire.options import Option

_PXE_UNDEFINED = tuple(range(128, 136))
_ASKED = (
    *(1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 66, 67, 97),
    *_PXE_UNDEFINED,
)


# It counts ticks of a second, the first of which may come at once: a gap is up to one shorter.
_TIMES = at(0, 4, 12, 28, gives_up=60, early=1)


def tail(minor: int, largest: int) -> tuple[Option | Part, ...]:
    """`minor` is that of the network interface's version 3; `largest` is option 57."""
    return (
        MAX_MESSAGE_SIZE.of(largest),
        PARAMETER_LIST.of(_ASKED),
        Part.MACHINE,
        CLIENT_INTERFACE.of(NetworkInterface(major=3, minor=minor)),
        CLIENT_ARCHITECTURE.of((Architecture.X64_UEFI,)),
        VENDOR_CLASS.of(f"PXEClient:Arch:00007:UNDI:00300{minor}"),
    )


def boot_server(architecture: int, minor: int) -> ServerRequest:
    """PxeBcDhcp4Discover: options sorted by their codes; port 4011 at both ends; secs is written as it is counted."""
    return ServerRequest(
        options=(
            Part.BOOT_ITEM,
            Part.TYPE,
            PARAMETER_LIST.of(_ASKED),
            MAX_MESSAGE_SIZE.of(1472),
            VENDOR_CLASS.of(f"PXEClient:Arch:{architecture:05d}:UNDI:00300{minor}"),
            CLIENT_ARCHITECTURE.of((architecture,)),
            CLIENT_INTERFACE.of(NetworkInterface(major=3, minor=minor)),
            Part.MACHINE,
        ),
        flags=0,
        tally=Tally.TRIES_SWAPPED,
        source_port=PROXY_PORT,
        own_xid=True,
    )


def tftp(block_size: int) -> TftpHabits:
    """PxeBcImpl.c: a question for the size alone, then one for the file."""
    options = (("blksize", str(block_size)), ("windowsize", "4"))
    return TftpHabits(
        options=options,
        retries=at(0, 4, 8, 12, 16, 20, gives_up=24),
        asks_size_first=(("tsize", "0"), *options),
    )


_REQUEST = boot_server(Architecture.X64_UEFI, 0)
_SERVER_TIMES = at(0, 1, 3, 6, gives_up=10)

PROFILE = Profile(
    name="ovmf",
    title="OVMF PXE",
    sources=("edk2 c5aa7e7d NetworkPkg/UefiPxeBcDxe/PxeBcDhcp4.c", "edk2 c5aa7e7d NetworkPkg/Dhcp4Dxe/Dhcp4Io.c"),
    discover=_TIMES,
    request=_TIMES,
    discover_options=(Part.TYPE, *tail(0, 1472)),
    request_options=(Part.TYPE, Part.SERVER, Part.ADDRESS, *tail(0, 0xFF00)),
    flags=BROADCAST_FLAG,
    secs=Secs.ELAPSED_AT_DISCOVER,
    size=0,
    selection=Selection.NEXT_TIMER,
    choice=Choice.BOOTABLE,
    refuses=(Refusal.CHECKSUM, Refusal.SOURCE_PORT, Refusal.NO_SERVER),
    # PxeBcParseDhcp4Packet: an offer of PXEClient without an option of discovery is of Microsoft's BINL, and is asked
    # further even where it names a file; seen with OVMF 2022.11 and dnsmasq 2.90, whose proxy offers the file so.
    proxy=ProxyHabits(retries=_SERVER_TIMES, fatal=True, request=_REQUEST, content_with=ProxySays.DISCOVERY),
    boot_server=BootServerHabits(retries=_SERVER_TIMES, request=_REQUEST, falls_over=False, claims_type=False),
    tftp=tftp(1468),
)
