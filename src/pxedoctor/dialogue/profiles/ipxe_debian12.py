"""The iPXE ROM of Debian 12's ipxe-qemu, 1.0.0+git-20190125.36a4c85: as `ipxe`, but it does not ask for options 42 and
121.

Seen on a wire: tests/wire/captures/ipxe.pcap.
"""

from msgspec.structs import replace

from pxedoctor.dialogue.profile import Part
from pxedoctor.dialogue.profiles import ipxe

_ASKED = tuple(code for code in ipxe.ASKED if code not in (42, 121))

PROFILE = replace(
    ipxe.PROFILE,
    name="ipxe-debian12",
    title="iPXE (Debian 12's ROM)",
    sources=("ipxe 36a4c85 src/net/udp/dhcp.c", "tests/wire/captures/ipxe.pcap"),
    discover_options=ipxe.options(_ASKED),
    request_options=(*ipxe.options(_ASKED), Part.SERVER, Part.ADDRESS),
    boot_server=ipxe.boot_server(_ASKED),
)
