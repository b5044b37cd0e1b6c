"""OVMF's HTTP boot over IPv6, x86-64, with its own virtio driver.

edk2 [c5aa7e7d, 2026-08-06] NetworkPkg/HttpBootDxe/HttpBootDhcp6.c: times as in PXE (Irt 4, Mrc 4, Mrt 32, Mrd 60), the
options of HttpBootBuildDhcp6Options, and HttpBootParseDhcp6Packet: an advertisement without option 16 as here is none
for HTTP boot. Its SOLICIT was seen on a wire: tests/wire/captures/ovmf-http6.pcap; the OVMF there, of 2022, sent no
REQUEST for HTTP boot, though it was advertised what it wants.
"""

from msgspec.structs import replace

from pxedoctor.dialogue.profiles import ovmf6
from pxedoctor.dialogue.profiles.ovmf_http import HTTP
from pxedoctor.wire.architecture import Architecture

PROFILE = replace(
    ovmf6.PROFILE,
    name="ovmf-http6",
    title="OVMF HTTP boot over IPv6",
    sources=(
        "edk2 c5aa7e7d NetworkPkg/HttpBootDxe/HttpBootDhcp6.c",
        "tests/wire/captures/ovmf-http6.pcap, its SOLICIT",
    ),
    options=ovmf6.options(Architecture.X64_UEFI_HTTP, b"HTTPClient:Arch:00016:UNDI:003000"),
    echo=b"HTTPClient",
    tftp=None,
    http=HTTP,
)
