"""The kernel's own client: ip=dhcp on the command line.

Linux net/ipv4/ipconfig.c of 6.1.192: a base of 2 to 3 s, times 7/4 each, 30 s at most, three tries, then the devices
are opened again; ic_dhcp_init_options (order of options); flags 0, no sum. Not seen on a wire here.
"""

from pxedoctor.dialogue.profile import Part, Profile, Secs
from pxedoctor.dialogue.schedule import spread
from pxedoctor.wire.dhcp4_known import PARAMETER_LIST

_ASKED = PARAMETER_LIST.of((1, 3, 6, 12, 15, 17, 26, 40))

PROFILE = Profile(
    name="linux-ip",
    title="Linux ip=dhcp",
    sources=("linux 6.1.192 net/ipv4/ipconfig.c",),
    discover=spread((2, 3), (3.5, 5.25), (6.1, 9.2), (10.7, 16.1), (18.8, 28.1), last=30),
    request=spread((2, 3), (3.5, 5.25), (6.1, 9.2), (10.7, 16.1), (18.8, 28.1), last=30),
    discover_options=(Part.TYPE, _ASKED),
    request_options=(Part.TYPE, Part.SERVER, Part.ADDRESS, _ASKED),
    secs=Secs.ELAPSED,
    size=548,
    refuses=(),
)
