"""dhcpcd, which asks for ever.

dhcpcd [8b312918, 2026-06-30] src/dhcp.h DHCP_BASE 4, DHCP_MAX 64, and up to 1 s off either way; src/dhcp.c make_message
(order). Option 60 is blanked by the shipped dhcpcd.conf. Measured with 9.4.1.
"""

from pxedoctor.dialogue.profile import Part, Profile, Secs
from pxedoctor.dialogue.schedule import spread
from pxedoctor.wire.dhcp4_known import MAX_MESSAGE_SIZE, PARAMETER_LIST

_TAIL = (MAX_MESSAGE_SIZE.of(1472), PARAMETER_LIST.of((1, 33, 3, 6, 12, 15, 28, 51, 54, 58, 59)))

PROFILE = Profile(
    name="dhcpcd",
    title="dhcpcd",
    sources=("dhcpcd 8b312918 src/dhcp.c, src/dhcp.h",),
    discover=spread((3, 5), (7, 9), (15, 17), (31, 33), last=64, then=64),
    request=spread((3, 5), (7, 9), (15, 17), (31, 33), last=64),
    discover_options=(Part.TYPE, *_TAIL),
    request_options=(Part.TYPE, Part.ADDRESS, Part.SERVER, *_TAIL),
    secs=Secs.ELAPSED,
    size=300,
    probes=3,
)
