"""NetworkManager's own client, n-dhcp4; after 45 s (ipv4.dhcp-timeout) it begins anew, some times.

NetworkManager src/n-dhcp4/src/n-dhcp4-c-connection.c (a first gap of 2 to 3 s, then doubled from 4 s on, up to 1 s off
either way), src/core/dhcp/nm-dhcp-nettools.c (option 61 of the MAC, 57 of 576, secs from 1). Measured with 1.42.4,
whose options and order these are. Each of its DISCOVERs has another transaction id; this profile keeps to one.
"""

from pxedoctor.dialogue.profile import Part, Profile, Secs
from pxedoctor.dialogue.schedule import spread
from pxedoctor.wire.dhcp4_known import MAX_MESSAGE_SIZE, PARAMETER_LIST

_ASKED = PARAMETER_LIST.of((1, 2, 6, 12, 15, 26, 28, 121, 3, 33, 40, 41, 42, 119, 249, 252, 17))
_HEAD = (Part.TYPE, Part.CLIENT_ID, _ASKED, MAX_MESSAGE_SIZE.of(576))
_GAPS = ((2, 3), (3.5, 5.5), (7, 9.5), (15, 17.5))

PROFILE = Profile(
    name="networkmanager",
    title="NetworkManager",
    sources=("NetworkManager src/n-dhcp4/src/n-dhcp4-c-connection.c", "NetworkManager 1.42.4 on a wire"),
    discover=spread(*_GAPS, last=14),
    request=spread(*_GAPS, last=14),
    discover_options=(*_HEAD, Part.HOST_NAME),
    request_options=(*_HEAD, Part.ADDRESS, Part.SERVER, Part.HOST_NAME),
    secs=Secs.ELAPSED_FROM_ONE,
    size=0,
    service=0xC0,
)
