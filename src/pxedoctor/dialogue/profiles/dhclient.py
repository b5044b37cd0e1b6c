"""ISC dhclient without a configuration file.

isc-projects/dhcp [572032cb, 2023-03-29] client/clparse.c (timeout 60, initial-interval 3 -> 3 to 8 s at first,
backoff- cutoff 15 -> 7 to 21 s later), client/dhclient.c send_discover (each interval grows by up to twice itself),
common/lpf.c, common/packet.c (TTL 128, service 0x10, messages of 300 bytes). Measured with 4.4.3-P1.
"""

from pxedoctor.dialogue.profile import Part, Profile, Secs
from pxedoctor.dialogue.schedule import spread
from pxedoctor.wire.dhcp4_known import PARAMETER_LIST

_ASKED = PARAMETER_LIST.of((1, 28, 2, 3, 15, 6, 12))

PROFILE = Profile(
    name="dhclient",
    title="ISC dhclient",
    sources=("dhcp 572032cb client/dhclient.c", "dhcp 572032cb client/clparse.c", "dhclient 4.4.3-P1 on a wire"),
    discover=spread((3, 8), (3, 21), (7, 21), (7, 21), last=12),
    request=spread((3, 8), (3, 21), (7, 21), last=12),
    discover_options=(Part.TYPE, _ASKED),
    request_options=(Part.TYPE, Part.SERVER, Part.ADDRESS, _ASKED),
    secs=Secs.ELAPSED,
    ttl=128,
    service=0x10,
)
