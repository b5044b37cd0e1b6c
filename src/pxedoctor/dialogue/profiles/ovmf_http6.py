"""OVMF's HTTP boot over IPv6, x86-64, with its own virtio driver.

edk2 [c5aa7e7d, 2026-08-06] NetworkPkg/HttpBootDxe/HttpBootDhcp6.c: times as in PXE (Irt 4, Mrc 4, Mrt 32, Mrd 60), the
options of HttpBootBuildDhcp6Options, and HttpBootParseDhcp6Packet: an advertisement without option 16 as here is none
for HTTP boot. Its SOLICIT was seen on a wire: tests/wire/captures/ovmf-http6.pcap; the OVMF there, of 2022, sent no
REQUEST for HTTP boot, though it was advertised what it wants.
"""

from msgspec.structs import replace

from pxedoctor.dialogue.profile import Part6
from pxedoctor.dialogue.profiles import ovmf6
from pxedoctor.dialogue.profiles.ovmf_http import HTTP
from pxedoctor.wire.architecture import Architecture, NetworkInterface
from pxedoctor.wire.dhcp6_formats import VendorClass
from pxedoctor.wire.dhcp6_known import CLIENT_ARCHITECTURE, CLIENT_INTERFACE, REQUESTED_OPTIONS, VENDOR_CLASSES

# Intel's enterprise number.
_INTEL = 343

PROFILE = replace(
    ovmf6.PROFILE,
    name="ovmf-http6",
    title="OVMF HTTP boot over IPv6",
    sources=(
        "edk2 c5aa7e7d NetworkPkg/HttpBootDxe/HttpBootDhcp6.c",
        "tests/wire/captures/ovmf-http6.pcap, its SOLICIT",
    ),
    options=(
        Part6.CLIENT_ID,
        Part6.ELAPSED,
        Part6.SERVER_ID,
        Part6.ADDRESSES,
        REQUESTED_OPTIONS.of((59, 60, 23, 16)),
        CLIENT_INTERFACE.of(NetworkInterface(major=3, minor=0)),
        CLIENT_ARCHITECTURE.of((Architecture.X64_UEFI_HTTP,)),
        VENDOR_CLASSES.of(VendorClass(enterprise=_INTEL, classes=(b"HTTPClient:Arch:00016:UNDI:003000",))),
    ),
    echo=b"HTTPClient",
    http=HTTP,
)
