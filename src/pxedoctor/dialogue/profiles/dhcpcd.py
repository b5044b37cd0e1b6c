"""dhcpcd as Debian configures it, which asks for ever.

dhcpcd [8b312918, 2026-06-30] src/dhcp.h DHCP_BASE 4, DHCP_MAX 64, and up to 1 s off either way; src/dhcp.c
make_message; src/arp.c (three probes). Measured with 9.4.1, whose options and order these are; after some 5 s without
an answer it also takes a link-local address.
"""

from pxedoctor.dialogue.profile import Part, Profile, Secs
from pxedoctor.dialogue.schedule import spread
from pxedoctor.wire.dhcp4_known import AUTO_CONFIG, MAX_MESSAGE_SIZE, PARAMETER_LIST, RAPID_COMMIT
from pxedoctor.wire.options import Option

_HEAD = (
    PARAMETER_LIST.of((1, 121, 3, 6, 12, 15, 26, 28, 33, 51, 54, 58, 59, 119)),
    MAX_MESSAGE_SIZE.of(1472),
    Part.CLIENT_DUID,
)
# RFC 6704: it can verify a server's reconfigure message.
_FORCERENEW_NONCE = Option(145, b"\1")

PROFILE = Profile(
    name="dhcpcd",
    title="dhcpcd",
    sources=("dhcpcd 8b312918 src/dhcp.c, src/dhcp.h", "dhcpcd 9.4.1 on a wire"),
    discover=spread((3, 5), (7, 9), (15, 17), (31, 33), last=64, then=64),
    request=spread((3, 5), (7, 9), (15, 17), (31, 33), last=64),
    discover_options=(Part.TYPE, *_HEAD, RAPID_COMMIT.of(True), AUTO_CONFIG.of(1), _FORCERENEW_NONCE),
    request_options=(Part.ADDRESS, Part.TYPE, Part.SERVER, *_HEAD, _FORCERENEW_NONCE),
    secs=Secs.ELAPSED,
    probes=3,
)
