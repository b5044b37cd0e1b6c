"""GRUB's net_dhcp, where it does not take over the lease of the firmware that started it.

rhboot/grub2 [5e9e7e44, 2026-01-30] grub-core/net/bootp.c: 0.2 s doubled up to 32 times 0.2 s; option 53 alone, a
REQUEST with what it asks for. include/grub/net.h: TFTP blocks of 1024, 40 tries of 0.4 s and 20 ms more each. Seen on a
wire: Debian's 2.06-13+deb12u2. Its transaction id is the time of day at each DISCOVER, a REQUEST has that of its offer.
"""

from pxedoctor.dialogue.profile import Part, Profile, Secs, TftpHabits
from pxedoctor.dialogue.schedule import Gap, Schedule, at
from pxedoctor.wire.dhcp4_known import PARAMETER_LIST

_TRIES = 40
_TFTP_GAPS = tuple(0.4 + 0.02 * number for number in range(_TRIES - 1))

PROFILE = Profile(
    name="grub",
    title="GRUB net_dhcp",
    sources=(
        "rhboot/grub2 5e9e7e44 grub-core/net/bootp.c",
        "rhboot/grub2 5e9e7e44 include/grub/net.h",
        "GRUB 2.06 on a wire",
    ),
    discover=at(0, 0.4, 1.2, 2.8, 6.0, gives_up=12.4),
    request=at(0, 0.4, 1.2, 2.8, 6.0, gives_up=12.4),
    discover_options=(Part.TYPE,),
    request_options=(Part.TYPE, Part.SERVER, Part.ADDRESS, PARAMETER_LIST.of((1, 3, 6, 15, 12, 17, 18, 60))),
    secs=Secs.CLOCK,
    ttl=255,
    tftp=TftpHabits(
        options=(("blksize", "1024"), ("tsize", "0")),
        retries=Schedule(gaps=tuple(Gap(gap, gap, gap) for gap in _TFTP_GAPS), last=0.4 + 0.02 * _TRIES),
    ),
)
