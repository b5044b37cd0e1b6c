"""Asks the journal, else the log files, for the last lines about guests' networks.

1. The journal of this boot, of the programs that matter; where it is empty or not there, the ends of the classic files.
2. libvirt's own files beside it, where somebody had it write them (libvirtd.conf, log_outputs).
3. Kept are only lines that one of the patterns knows: a log holds other people's secrets, and no check reads them.
"""

import re

from pxedoctor.access.answer import Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.redact import without_credentials

_LIBVIRTS = ("libvirtd", "virtqemud", "virtnetworkd", "virtnwfilterd")
_PROGRAMS = (
    "kernel",
    "dnsmasq",
    "dnsmasq-dhcp",
    "dnsmasq-tftp",
    "dhcpd",
    "kea-dhcp4",
    *_LIBVIRTS,
    "firewalld",
    "audit",
)
# Of the lines that these programs wrote last; a busy DHCP server writes about ten a second.
_NEWEST = "5000"
# Of a file in which every program of the host writes.
_NEWEST_OF_ALL = "20000"
_KEPT = 1000

# libvirt writes to journald itself and names no identifier (src/util/virlog.c virLogOutputToJournald): none of its
# lines is found by one, as -t asks; its daemons are found by their command. "+" is "or" (journalctl(1)).
JOURNAL = (
    *("journalctl", "--boot", "--quiet", "--no-pager", "--output", "short-iso", "--lines", _NEWEST),
    *(f"SYSLOG_IDENTIFIER={program}" for program in _PROGRAMS),
    "+",
    *(f"_COMM={program}" for program in _LIBVIRTS),
)
SYSTEM_FOLDER = "/var/log"
SYSTEM_FILES = ("messages", "syslog")
LIBVIRT_FOLDER = "/var/log/libvirt"

# What a program says (kernel, dnsmasq, libvirt, firewalld, the LSMs) when it is about a guest's way to its address.
_RELEVANT = (
    r"entered (disabled|blocking|listening|learning|forwarding) state"
    r"|topology change detected|with own address as source address|neighbou?r(:| table) .*overflow"
    r"|nf_conntrack: (nf_conntrack: )?table full|CHECKSUM should be avoided"
    r"|fixup DHCP response checksums|support CHECKSUM rule"
    r"|dnsmasq\S*: .*(DHCP[A-Z]+\(|DHCPv6|failed|cannot|error|no address|lease-init script|TFTP|tftp|not found)"
    r"|dhcpd\S*: .*(DHCPACK|DHCPOFFER|DHCPNAK|no free leases|bind to)"
    r"|kea-dhcp4\S*[:\]] .*(DHCP4_LEASE_|_NAK_|OPEN_SOCKET_FAIL|ALLOC_FAIL)"
    r"|(libvirtd|virtnetworkd|virtqemud|virtnwfilterd)\S*: .*(firewall|network|bridge|dnsmasq|checksum|zone|tap)"
    r"|: (error|warning) : vir(Net|Firewall|CommandWait|NWFilter)\w*|Cannot find 'tc' in path"
    r"|firewalld\S*: .*(ERROR|WARNING)"
    r'|(apparmor="DENIED"|avc: +denied).*(dnsmasq|libvirt|tftp)'
)


def tail(path: str) -> tuple[str, ...]:
    return ("tail", "-n", _NEWEST_OF_ALL, path)


def relevant(text: str) -> str:
    """The newest of the lines that a pattern knows, without the credentials that a program may have logged in them."""
    lines = [line for line in text.splitlines() if re.search(_RELEVANT, line)]
    return without_credentials("\n".join(lines[-_KEPT:]))


def ask(host: Notebook) -> None:
    answer = host.run(JOURNAL, cut=relevant)
    if not isinstance(answer, Text) or not answer.text:
        for name in host.names(SYSTEM_FOLDER):
            if name in SYSTEM_FILES:
                host.run(tail(f"{SYSTEM_FOLDER}/{name}"), cut=relevant)
    for name in host.names(LIBVIRT_FOLDER):
        if name.endswith(".log"):
            host.run(tail(f"{LIBVIRT_FOLDER}/{name}"), cut=relevant)
