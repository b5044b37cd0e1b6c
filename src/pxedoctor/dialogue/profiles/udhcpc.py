"""busybox udhcpc -n: three DISCOVERs and no more (without -n it rests for 20 s and begins again, for ever).

busybox [371fe9f7, 2024-07-14] networking/udhcp/dhcpc.c: -t 3, -T 3; options 53, 57, 55, 60, 61 in this order; it
verifies sums and knows the mark of an unfilled one. Measured with busybox 1.35.0, whose version option 60 tells.
"""

from msgspec.structs import replace

from pxedoctor.dialogue.profile import Part, Profile, Secs
from pxedoctor.dialogue.schedule import at, spread
from pxedoctor.wire.dhcp4_known import MAX_MESSAGE_SIZE, PARAMETER_LIST, VENDOR_CLASS
from pxedoctor.wire.options import Option

_ASKED = (1, 3, 6, 12, 15, 28, 42)


def discover_options(asked: tuple[int, ...]) -> tuple[Option | Part, ...]:
    """`asked` is option 55."""
    return (Part.TYPE, *_tail(asked))


def request_options(asked: tuple[int, ...]) -> tuple[Option | Part, ...]:
    """Of the REQUEST for a lease."""
    return (Part.TYPE, Part.ADDRESS, Part.SERVER, *_tail(asked))


def _tail(asked: tuple[int, ...]) -> tuple[Option | Part, ...]:
    return (
        MAX_MESSAGE_SIZE.of(576),
        PARAMETER_LIST.of(asked),
        VENDOR_CLASS.of("udhcp 1.35.0"),
        Part.CLIENT_ID,
    )


PROFILE = Profile(
    name="udhcpc-n",
    title="busybox udhcpc -n",
    sources=("busybox 371fe9f7 networking/udhcp/dhcpc.c", "busybox 1.35.0 on a wire"),
    discover=at(0, 3, 6, gives_up=9),
    request=at(0, 3, 6, gives_up=9),
    discover_options=discover_options(_ASKED),
    request_options=request_options(_ASKED),
    secs=Secs.ELAPSED,
)

# Without -n: 20 s of rest after every third one (-A 20). After the last of these it is taken to ask every 24 s.
FOR_EVER = replace(
    PROFILE,
    name="udhcpc",
    title="busybox udhcpc",
    discover=spread(*((gap, gap) for gap in (3, 3, 24, 3, 3, 24, 3, 3)), last=24, then=24),
)
