"""U-Boot's own network stack on arm64 (CONFIG_BOOTP_PXE).

u-boot [6073c36b, 2026-08-20] net/bootp.c: 250 ms doubled, up to 10 % off either way, 28 s in all; dhcp_extended (order
of options), cmd/Kconfig (93, 60), net/tftp.c (blksize 1468, timeout 5, 10 tries), net/net.c (time to live 255). Not
seen on a wire here; an older one was (u_boot_2023.py), whose messages are built by the same code, and filled up to 300
bytes (DHCP_MIN_EXT_LEN).
"""

from pxedoctor.dialogue.profile import Part, Profile, Secs, TftpHabits
from pxedoctor.dialogue.schedule import at, spread
from pxedoctor.wire.architecture import Architecture, NetworkInterface
from pxedoctor.wire.dhcp4_known import (
    CLIENT_ARCHITECTURE,
    CLIENT_INTERFACE,
    MAX_MESSAGE_SIZE,
    PARAMETER_LIST,
    VENDOR_CLASS,
)

HEAD = (Part.TYPE, MAX_MESSAGE_SIZE.of(576))
_TAIL = (
    CLIENT_ARCHITECTURE.of((Architecture.ARM64_UBOOT,)),
    CLIENT_INTERFACE.of(NetworkInterface(major=0, minor=0)),
    VENDOR_CLASS.of("U-Boot.armv8"),
    PARAMETER_LIST.of((1, 3, 6, 12, 17)),
)
_GAPS = tuple((0.9 * gap, 1.1 * gap) for gap in (0.25, 0.5, 1, 2, 4, 8))

PROFILE = Profile(
    name="u-boot",
    title="U-Boot",
    sources=("u-boot 6073c36b net/bootp.c", "u-boot 6073c36b net/tftp.c"),
    discover=spread(*_GAPS, last=16),
    # Without an ACK in 5 s it begins anew.
    request=at(0, gives_up=5),
    discover_options=(*HEAD, *_TAIL),
    request_options=(*HEAD, Part.SERVER, Part.ADDRESS, *_TAIL),
    secs=Secs.ELAPSED,
    ttl=255,
    tftp=TftpHabits(
        options=(("timeout", "5"), ("tsize", "0"), ("blksize", "1468")),
        retries=at(*(5 * number for number in range(10)), gives_up=50),
    ),
)
