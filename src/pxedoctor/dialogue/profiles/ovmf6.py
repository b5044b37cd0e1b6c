"""OVMF's PXE client over IPv6, x86-64.

edk2 [c5aa7e7d, 2026-08-06] NetworkPkg/UefiPxeBcDxe/PxeBcDhcp6.c (Irt 4, Mrt 32, Mrd 60; options), Dhcp6Dxe/Dhcp6Io.c
(a timer of one second that is late by up to one, and RFC 8415's 10 % off either way). Seen on a wire:
tests/wire/captures/ovmf.pcap.
"""

from pxedoctor.dialogue.profile import Part6, Profile6
from pxedoctor.dialogue.profiles.ovmf import tftp
from pxedoctor.dialogue.schedule import spread
from pxedoctor.wire.architecture import Architecture, NetworkInterface
from pxedoctor.wire.dhcp6_formats import INFINITY, VendorClass
from pxedoctor.wire.dhcp6_known import CLIENT_ARCHITECTURE, CLIENT_INTERFACE, REQUESTED_OPTIONS, VENDOR_CLASSES
from pxedoctor.wire.options import Option

# Intel's enterprise number.
_INTEL = 343


def options(architecture: Architecture, vendor_class: bytes) -> tuple[Option | Part6, ...]:
    """What its PXE and its HTTP boot both say, in this order."""
    return (
        Part6.CLIENT_ID,
        Part6.ELAPSED,
        Part6.SERVER_ID,
        Part6.ADDRESSES,
        REQUESTED_OPTIONS.of((59, 60, 23, 16)),
        CLIENT_INTERFACE.of(NetworkInterface(major=3, minor=0)),
        CLIENT_ARCHITECTURE.of((architecture,)),
        VENDOR_CLASSES.of(VendorClass(enterprise=_INTEL, classes=(vendor_class,))),
    )


PROFILE = Profile6(
    name="ovmf6",
    title="OVMF PXE over IPv6",
    sources=("edk2 c5aa7e7d NetworkPkg/UefiPxeBcDxe/PxeBcDhcp6.c", "tests/wire/captures/ovmf.pcap"),
    solicit=spread((4, 5.4), (7.2, 10.8), (14.4, 21), last=33),
    request=spread((4, 5.4), (7.2, 10.8), (14.4, 21), last=33),
    options=options(Architecture.X64_UEFI, b"PXEClient:Arch:00007:UNDI:003000"),
    times=INFINITY,
    hop_limit=128,
    # What IPv6 promises every path to carry, 1280, less the headers; seen on that wire, on a link of 1500.
    tftp=tftp(1228),
)
