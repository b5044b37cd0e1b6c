"""iPXE's errors: `ipxe.org/XXXXXXXX`, and its words.

A number is built of parts (iPXE include/errno.h): bits 30 to 24 are a POSIX error, bits 23 to 13 the source file, bits
12 to 8 which of the errors of that file, bits 7 to 0 the nearest code of the PXE specification. So also a number that
nobody has listed tells its kind, and which part of iPXE met it (include/ipxe/errfile.h).
"""

import re

from pxedoctor.report.words.saying import DIAGNOSE, FETCH, NO_FILE, NO_FILE_NAME, PROBE, SILENCE, Saying

_SOURCE = "iPXE src/include/errno.h, src/include/ipxe/errfile.h"
_IPXE = "iPXE"
_NUMBER = re.compile(r"(?i)(?:ipxe\.org/(?:err/)?|\berror\s+0x|^)([0-9a-f]{6,8})\b")

# Somebody pressed a key: nothing is wrong.
_KEY = 0x0B

# By the POSIX error in bits 30 to 24.
_KINDS: dict[int, tuple[str, tuple[str, ...], str]] = {
    0x02: ("permission denied: the server refuses the file", ("boot-file-unreadable",), FETCH),
    0x04: ("no address could be set up: DHCP had no success", SILENCE, DIAGNOSE),
    _KEY: ("somebody pressed a key", (), ""),
    0x0D: ("the connection was broken off", ("mtu-mismatch", "conntrack-table-full"), FETCH),
    0x0E: ("the connection was refused: nobody listens there", ("boot-server-unreachable",), FETCH),
    0x0F: ("the connection was reset by the server or by a firewall", ("boot-server-unreachable",), FETCH),
    0x17: ("the server's host is not reachable", ("boot-server-unreachable", "ip-forwarding-off"), FETCH),
    0x1C: ("what the server said is not valid", ("boot-file-not-offered", "boot-file-wrong-arch"), PROBE),
    0x1D: ("reading failed on the way", ("mtu-mismatch",), FETCH),
    0x26: ("the link is down, or not yet up", ("link-down", "tap-without-bridge", "bridge-forward-delay"), DIAGNOSE),
    0x28: ("there is no way to the server's network", ("boot-server-unreachable", "ip-forwarding-off"), FETCH),
    0x2C: ("there is no such device", (), ""),
    0x2D: ("the server has no such file", ("boot-file-unreadable",), FETCH),
    0x2E: ("the file is no program that this machine runs", ("boot-file-wrong-arch", "ipxe-chain-loop"), FETCH),
    0x31: ("there is too little memory in the guest", ("guest-memory-too-small",), DIAGNOSE),
    0x3C: ("the server names something that iPXE cannot do", NO_FILE_NAME, PROBE),
    0x3D: ("that operation is not known there", (), ""),
    0x3E: ("there is no such address: a name or a server is missing", NO_FILE_NAME, PROBE),
    0x3F: ("the server names something that iPXE cannot do", NO_FILE_NAME, PROBE),
    0x41: ("not permitted: a signature or a right is missing", ("boot-file-unreadable",), FETCH),
    0x4C: ("nothing came in time", (*NO_FILE, *SILENCE), DIAGNOSE),
}

# Bits 23 to 13, by their places in the number: the part that met the error.
_FILE = 0xFFE000
_DHCP, _DNS, _TFTP, _HTTP, _TCP, _DHCPV6 = 0x106000, 0x116000, 0x126000, 0x0C6000, 0x0A6000, 0x3B6000
_PARTS = {
    0x016000: "ARP",
    0x056000: "IPv4",
    0x066000: "IPv6",
    0x086000: "network devices",
    0x092000: "opening a URL",
    _TCP: "TCP",
    _HTTP: "HTTP",
    0x0DE000: "TLS",
    0x0EE000: "the set-up of a NIC",
    _DHCP: "DHCP",
    _DNS: "DNS",
    _TFTP: "TFTP",
    0x15E000: "the PXE boot menu",
    0x16E000: "certificates",
    0x376000: "ARP and neighbour discovery",
    _DHCPV6: "DHCPv6",
    0x03E000: "the choice of what to boot",
    0x04E000: "the set-up by DHCP",
}
_NO_NIC = ("guest-has-no-nic", "option-rom-missing", "nic-model-without-driver")

# Where the part says more than the kind of error alone.
_BY_PART: dict[tuple[int, int], tuple[str, tuple[str, ...], str]] = {
    (0x2C, 0x086000): ("there is no NIC that iPXE drives", _NO_NIC, DIAGNOSE),
    (0x2C, 0x0EE000): ("there is no NIC that iPXE drives", _NO_NIC, DIAGNOSE),
    (0x2C, 0x03E000): ("there is no NIC that iPXE drives", _NO_NIC, DIAGNOSE),
    (0x2C, 0x04E000): ("there is no NIC that iPXE drives", _NO_NIC, DIAGNOSE),
    (0x3D, _TFTP): (
        "the TFTP server calls the request illegal; autoexec.ipxe, which nobody needs, may be what was asked for",
        ("boot-file-unreadable",),
        FETCH,
    ),
    (0x4C, _DHCP): ("no DHCP answer came in time", SILENCE, DIAGNOSE),
    (0x4C, _DHCPV6): (
        "no DHCPv6 answer came in time",
        ("host-firewall-drops-dhcpv6", "dhcp-not-configured", "dhcp-server-dead", "bridge-forward-delay"),
        DIAGNOSE,
    ),
    (0x4C, _DNS): (
        "the name server did not answer",
        ("boot-name-unresolvable", "boot-server-unreachable", "ip-forwarding-off"),
        FETCH,
    ),
    (0x4C, _TFTP): ("the TFTP server did not answer in time", NO_FILE, FETCH),
    (0x4C, _TCP): (
        "the HTTP server did not answer in time",
        ("boot-server-unreachable", "host-firewall-drops-http-boot", "forwarded-boot-traffic-dropped", "mtu-mismatch"),
        FETCH,
    ),
    (0x4C, 0x15E000): ("no boot server answered", ("proxydhcp-unreachable", "boot-server-unreachable"), PROBE),
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
        key="RX:0",
        pattern=r"\bTX:[1-9]\d{0,9} TXE:\d{1,10} RX:0 ",
        speaker=_IPXE,
        meaning="the NIC has sent, and not one frame came back",
        source="iPXE usr/ifmgmt.c",
        causes=SILENCE,
        decide=DIAGNOSE,
    ),
    Saying(
        key="Link:up (blocked)",
        pattern=r"(?i)\(blocked\)",
        speaker=_IPXE,
        meaning="a switch says by RSTP or LACP that its port does not forward yet; iPXE waits for it",
        source="iPXE net/stp.c, net/eth_slow.c",
        causes=("uplink-switch-stp", "stp-root-elsewhere", "bridge-forward-delay", "port-not-forwarding"),
        decide=PROBE,
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
    number = int(digits.ljust(8, "0"), 16)
    error, file = number >> 24 & 0x7F, number & _FILE
    kind = _BY_PART.get((error, file)) or _KINDS.get(error)
    if kind is None:
        return None
    meaning, causes, decide = kind
    part = _PARTS.get(file)
    where = f", said by its part for {part}" if part else ""
    return Saying(
        key=digits,
        pattern=re.escape(digits),
        speaker=_IPXE,
        meaning=f"{meaning} (kind {digits[:2]} of iPXE's errors{where}; https://ipxe.org/{digits} may tell more)",
        source=_SOURCE,
        causes=causes,
        decide=decide,
        advice="" if causes or error == _KEY else "iPXE names no more than that; the lines before it may say more",
    )
