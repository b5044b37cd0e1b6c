"""The client of Windows 10 and later; after its four tries it takes an address of its own and begins anew in 5 minutes.

Times: Microsoft KB Q190552 and its DHCP team's "What it takes to get a lease" (4, 8 and 16 s, each up to 1 s off).
Options: [MS-DHCPE] (60 is "MSFT 5.0"), and the list of option 55 that device catalogues know it by. It tries with and
without the broadcast flag in turn (KB928233); this profile is of the tries without. Not seen on a wire here.
"""

from pxedoctor.dialogue.profile import Part, Profile, Secs
from pxedoctor.dialogue.schedule import spread
from pxedoctor.wire.dhcp4_known import PARAMETER_LIST, VENDOR_CLASS

_ASKED = PARAMETER_LIST.of((1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252))
_CLASS = VENDOR_CLASS.of("MSFT 5.0")
_TIMES = spread((3, 5), (7, 9), (15, 17), last=32)

PROFILE = Profile(
    name="windows",
    title="Windows",
    sources=("Microsoft KB Q190552", "[MS-DHCPE]"),
    discover=_TIMES,
    request=_TIMES,
    discover_options=(Part.TYPE, Part.CLIENT_ID, Part.HOST_NAME, _CLASS, _ASKED),
    request_options=(Part.TYPE, Part.CLIENT_ID, Part.ADDRESS, Part.SERVER, Part.HOST_NAME, _CLASS, _ASKED),
    secs=Secs.ELAPSED,
    ttl=128,
)
