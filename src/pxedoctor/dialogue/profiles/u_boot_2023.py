"""U-Boot of 2023 on x86: a gap grows to 2 s and no more, so that it asks often and long.

u-boot 2023.01 net/bootp.c: bootp_timeout_handler (a quarter of a second, doubled, at most 2000 ms, until 28 s are
over), dhcp_extended (options; no option 93 where its build names no architecture). Seen on a wire: Debian's U-Boot
2023.01+dfsg-2+deb12u3 in QEMU. Each of its DISCOVERs has a transaction id of its own.
"""

from msgspec.structs import replace

from pxedoctor.dialogue.profile import Part
from pxedoctor.dialogue.profiles import u_boot
from pxedoctor.dialogue.schedule import at
from pxedoctor.wire.architecture import NetworkInterface
from pxedoctor.wire.dhcp4_known import CLIENT_INTERFACE, PARAMETER_LIST, VENDOR_CLASS

_TAIL = (
    CLIENT_INTERFACE.of(NetworkInterface(major=0, minor=0)),
    VENDOR_CLASS.of("U-Boot"),
    PARAMETER_LIST.of((1, 3, 6, 12, 13, 17)),
)

PROFILE = replace(
    u_boot.PROFILE,
    name="u-boot-2023",
    title="U-Boot of 2023",
    sources=("u-boot 2023.01 net/bootp.c", "U-Boot 2023.01 on a wire"),
    discover=at(0, 0.25, 0.75, *(1.75 + 2 * number for number in range(14)), gives_up=29.75),
    discover_options=(*u_boot.HEAD, *_TAIL),
    request_options=(*u_boot.HEAD, Part.SERVER, Part.ADDRESS, *_TAIL),
)
