"""busybox udhcpc -n: three DISCOVERs and no more (without -n it rests for 20 s and begins again, for ever).

busybox [371fe9f7, 2024-07-14] networking/udhcp/dhcpc.c: -t 3, -T 3; options 53, 57, 55, 60, 61 in this order; it
verifies sums and knows the mark of an unfilled one. Measured with busybox 1.35.0, whose version option 60 tells.
"""

from pxedoctor.dialogue.profile import Part, Profile, Secs
from pxedoctor.dialogue.schedule import at
from pxedoctor.wire.dhcp4_known import MAX_MESSAGE_SIZE, PARAMETER_LIST, VENDOR_CLASS

_TAIL = (
    MAX_MESSAGE_SIZE.of(576),
    PARAMETER_LIST.of((1, 3, 6, 12, 15, 28, 42)),
    VENDOR_CLASS.of("udhcp 1.35.0"),
    Part.CLIENT_ID,
)

PROFILE = Profile(
    name="udhcpc-n",
    title="busybox udhcpc -n",
    sources=("busybox 371fe9f7 networking/udhcp/dhcpc.c", "busybox 1.35.0 on a wire"),
    discover=at(0, 3, 6, gives_up=9),
    request=at(0, 3, 6, gives_up=9),
    discover_options=(Part.TYPE, *_TAIL),
    request_options=(Part.TYPE, Part.ADDRESS, Part.SERVER, *_TAIL),
    secs=Secs.ELAPSED,
)
