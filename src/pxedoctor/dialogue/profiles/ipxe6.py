"""iPXE over IPv6, a BIOS build; it asks only where a router advertises that addresses are to be had.

iPXE [0ab2277c, 2026-08-21] src/net/udp/dhcpv6.c (options, one transaction id, elapsed time since the beginning; the
first advertisement is taken), src/net/retry.c (a quarter of a second, doubled, up to 10 s). Its DUID is the machine's
UUID in the order of RFC 6355, OVMF's in that of SMBIOS. Seen on a wire: tests/wire/captures/ipxe.pcap.
"""

from pxedoctor.dialogue.profile import Part6, Profile6, Selection
from pxedoctor.dialogue.profiles.ipxe import HTTP, TFTP
from pxedoctor.dialogue.schedule import at
from pxedoctor.wire.architecture import Architecture, NetworkInterface
from pxedoctor.wire.dhcp6_formats import VendorClass
from pxedoctor.wire.dhcp6_known import (
    CLIENT_ARCHITECTURE,
    CLIENT_INTERFACE,
    REQUESTED_OPTIONS,
    USER_CLASSES,
    VENDOR_CLASSES,
)

# Intel's enterprise number.
_INTEL = 343
_TIMES = at(0, 0.25, 0.75, 1.75, 3.75, 7.75, gives_up=15.75)

PROFILE = Profile6(
    name="ipxe6",
    title="iPXE over IPv6",
    sources=("ipxe 0ab2277c src/net/udp/dhcpv6.c", "tests/wire/captures/ipxe.pcap"),
    solicit=_TIMES,
    request=_TIMES,
    options=(
        Part6.CLIENT_ID,
        Part6.SERVER_ID,
        Part6.ADDRESSES_BARE,
        REQUESTED_OPTIONS.of((23, 24, 59, 60)),
        VENDOR_CLASSES.of(VendorClass(enterprise=_INTEL, classes=(b"PXEClient:Arch:00000:UNDI:002001",))),
        CLIENT_ARCHITECTURE.of((Architecture.X86_BIOS,)),
        CLIENT_INTERFACE.of(NetworkInterface(major=2, minor=1)),
        USER_CLASSES.of((b"iPXE",)),
        Part6.ELAPSED_IN_ALL,
    ),
    selection=Selection.FIRST_OFFER,
    hop_limit=255,
    one_xid=True,
    tftp=TFTP,
    http=HTTP,
)
