"""systemd-networkd, which asks for ever.

systemd sd-dhcp-client.c client_compute_request_timeout (1 s off either way),
client_append_common_discover_request_options (order), systemd.network(5): MaxAttempts=infinity. secs is never zero.
Its lease is probed for (RFC 5227) only where SendDecline= says so.
"""

from pxedoctor.dialogue.profile import Part, Profile, Secs
from pxedoctor.dialogue.schedule import spread
from pxedoctor.wire.dhcp4_known import MAX_MESSAGE_SIZE, PARAMETER_LIST

_ASKED = PARAMETER_LIST.of((1, 3, 12, 15, 6, 33, 121, 42))
_HEAD = (Part.TYPE, Part.CLIENT_ID, _ASKED, MAX_MESSAGE_SIZE.of(1472))

PROFILE = Profile(
    name="systemd-networkd",
    title="systemd-networkd",
    sources=("systemd src/libsystemd-network/sd-dhcp-client.c",),
    discover=spread((3, 5), (7, 9), (15, 17), (31, 33), last=64, then=64),
    request=spread((3, 5), (7, 9), (15, 17), (31, 33), last=64),
    discover_options=_HEAD,
    request_options=(*_HEAD, Part.SERVER, Part.ADDRESS),
    secs=Secs.ELAPSED_FROM_ONE,
    size=0,
)
