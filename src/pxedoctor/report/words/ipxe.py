"""iPXE's errors: `ipxe.org/XXXXXXXX`, and its words.

A number is built of parts (iPXE include/errno.h): bits 30 to 24 are a POSIX error, bits 23 to 13 the source file, bits
12 to 8 which of the errors of that file, bits 7 to 0 the nearest code of the PXE specification. So also a number that
nobody has listed tells its kind.
"""

import re

from pxedoctor.report.words.saying import DIAGNOSE, FETCH, NO_FILE, NO_FILE_NAME, PROBE, SILENCE, Saying

_SOURCE = "iPXE src/include/errno.h"
_IPXE = "iPXE"
_NUMBER = re.compile(r"(?i)(?:ipxe\.org/(?:err/)?|\berror\s+0x|^)([0-9a-f]{6,8})\b")

# By the POSIX error in bits 30 to 24.
_KINDS: dict[int, tuple[str, tuple[str, ...], str]] = {
    0x02: ("permission denied: the server refuses the file", ("boot-file-unreadable",), FETCH),
    0x04: ("no address could be set up: DHCP had no success", SILENCE, DIAGNOSE),
    0x0B: ("somebody pressed a key", (), ""),
    0x0D: ("the connection was broken off", ("mtu-mismatch", "conntrack-table-full"), FETCH),
    0x0E: ("the connection was refused: nobody listens there", ("boot-server-unreachable",), FETCH),
    0x0F: ("the connection was reset by the server or by a firewall", ("boot-server-unreachable",), FETCH),
    0x17: ("the server's host is not reachable", ("boot-server-unreachable", "ip-forwarding-off"), FETCH),
    0x1C: ("what the server said is not valid", ("boot-file-not-offered", "boot-file-wrong-arch"), PROBE),
    0x1D: ("reading failed on the way", ("mtu-mismatch",), FETCH),
    0x26: ("the link is down, or not yet up", ("link-down", "tap-without-bridge", "bridge-forward-delay"), DIAGNOSE),
    0x28: ("there is no way to the server's network", ("boot-server-unreachable", "ip-forwarding-off"), FETCH),
    0x2C: ("there is no such device: the guest has no NIC that iPXE drives", ("guest-has-no-nic",), DIAGNOSE),
    0x2D: ("the server has no such file", ("boot-file-unreadable",), FETCH),
    0x2E: ("the file is no program that this machine runs", ("boot-file-wrong-arch", "ipxe-chain-loop"), FETCH),
    0x31: ("there is too little memory in the guest", ("guest-memory-too-small",), DIAGNOSE),
    0x3C: ("the server names something that iPXE cannot do", NO_FILE_NAME, PROBE),
    0x3E: ("there is no such address: a name or a server is missing", NO_FILE_NAME, PROBE),
    0x3F: ("the server names something that iPXE cannot do", NO_FILE_NAME, PROBE),
    0x41: ("not permitted: a signature or a right is missing", ("boot-file-unreadable",), FETCH),
    0x4C: ("nothing came in time", (*NO_FILE, *SILENCE), DIAGNOSE),
}

SAYINGS: tuple[Saying, ...] = (
    Saying(
        key="No configuration methods succeeded",
        pattern=r"(?i)No configuration methods succeeded|ipxe\.org/040ee119",
        speaker=_IPXE,
        meaning="no DHCP server answered before iPXE gave up (15 s after its first DISCOVER; on Fedora and RHEL 60 s)",
        source="iPXE usr/ifmgmt.c, config/dhcp.h",
        causes=SILENCE,
        decide=DIAGNOSE,
    ),
    Saying(
        key="Nothing to boot",
        pattern=r"(?i)Nothing to boot|No filename or root path specified|ipxe\.org/2d03e13b",
        speaker=_IPXE,
        meaning="an address came, and no boot file",
        source="iPXE usr/autoboot.c",
        causes=NO_FILE_NAME,
        decide=PROBE,
    ),
    Saying(
        key="Link:down",
        pattern=r"(?i)Link:down|Waiting for link-up on \S+ ?\.+ ?(?:Down|Error)",
        speaker=_IPXE,
        meaning="the NIC sees no link",
        source="iPXE usr/ifmgmt.c",
        causes=("link-down", "tap-without-bridge", "guest-has-no-nic"),
        decide=DIAGNOSE,
    ),
    Saying(
        key="Link:up (blocked)",
        pattern=r"(?i)\(blocked\)",
        speaker=_IPXE,
        meaning="a switch says by RSTP or LACP that its port does not forward yet; iPXE waits for it",
        source="iPXE net/stp.c, net/eth_slow.c",
        causes=("stp-root-elsewhere", "bridge-forward-delay", "port-not-forwarding"),
        decide=DIAGNOSE,
    ),
    Saying(
        key="3c3f63",
        pattern=r"(?i)ipxe\.org/3c3f63|Legacy STP packet received",
        speaker=_IPXE,
        meaning="a bridge on the guest's segment runs the old STP, to which iPXE gives no patience",
        source="iPXE net/stp.c",
        causes=("bridge-forward-delay", "stp-root-elsewhere"),
        decide=DIAGNOSE,
    ),
)


def by_number(line: str) -> Saying | None:
    """Of an error number alone, by its parts; None where the line has none, or none that means anything here."""
    found = _NUMBER.search(line.strip())
    if found is None:
        return None
    # Some builds print six digits, without the byte of the PXE code (ipxe.org/err/3c0920).
    digits = found.group(1).lower()
    kind = _KINDS.get(int(digits[:2], 16) & 0x7F)
    if kind is None:
        return None
    meaning, causes, decide = kind
    return Saying(
        key=digits,
        pattern=re.escape(digits),
        speaker=_IPXE,
        meaning=f"{meaning} (kind {digits[:2]} of iPXE's errors; https://ipxe.org/{digits} may tell more)",
        source=_SOURCE,
        causes=causes,
        decide=decide,
    )
