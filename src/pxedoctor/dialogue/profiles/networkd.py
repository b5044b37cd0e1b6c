"""systemd-networkd, which asks for ever.

systemd src/libsystemd-network/sd-dhcp-client.c: client_compute_request_timeout (4 s, doubled up to 64 s, and up to 1 s
off either way; the second gap is 4 s too, as the count begins anew with the first packet sent by the timer),
systemd.network(5): MaxAttempts=infinity. Measured with 252, whose options and order these are; secs is never zero.
"""

from pxedoctor.dialogue.profile import Part, Profile, Secs
from pxedoctor.dialogue.schedule import spread
from pxedoctor.wire.dhcp4_known import MAX_MESSAGE_SIZE, PARAMETER_LIST

_ASKED = PARAMETER_LIST.of((1, 3, 6, 12, 15, 33, 42, 120, 121))
_HEAD = (Part.TYPE, Part.CLIENT_DUID, _ASKED, MAX_MESSAGE_SIZE.of(1472))
_TIMES = spread((3, 5), (3, 5), (7, 9), (15, 17), (31, 33), last=64, then=64)

PROFILE = Profile(
    name="systemd-networkd",
    title="systemd-networkd",
    sources=("systemd src/libsystemd-network/sd-dhcp-client.c", "systemd 252 on a wire"),
    discover=_TIMES,
    request=_TIMES,
    discover_options=(*_HEAD, Part.HOST_NAME),
    request_options=(*_HEAD, Part.SERVER, Part.ADDRESS, Part.HOST_NAME),
    secs=Secs.ELAPSED_FROM_ONE,
    size=0,
    service=0xC0,
)
