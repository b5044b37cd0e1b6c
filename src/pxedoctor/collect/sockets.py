"""Understands /proc/net/udp, udp6, tcp, tcp6 and packet (net/ipv4/udp.c, tcp_ipv4.c, net/packet/af_packet.c)."""

import ipaddress

from pxedoctor.access.answer import Answers, read_question
from pxedoctor.collect.ask.sockets import PACKET, PORTS, TCP, TCP6, UDP, UDP6, local_port
from pxedoctor.collect.ask.system import KERNEL
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.model.fact import Missing
from pxedoctor.model.process import Socket

# Release strings of kernels on machines that write the most significant byte first.
_BIG_ENDIAN = (".s390x", "-s390x")
_COLUMNS = 10


def parse(answers: Answers) -> tuple[Socket, ...] | Missing:
    if text_of(answers, read_question(UDP)) is None:
        return why_missing(answers, read_question(UDP), "mount procfs at /proc")
    packets = (text_of(answers, read_question(PACKET)) or "").splitlines()[1:]
    ports = (*_ports(answers, UDP, "udp"), *_ports(answers, UDP6, "udp6"))
    listening = (*_ports(answers, TCP, "tcp"), *_ports(answers, TCP6, "tcp6"))
    found = (*ports, *listening, *(_packet(line) for line in packets))
    return tuple(socket for socket in found if socket is not None)


def _ports(answers: Answers, path: str, kind: str) -> list[Socket | None]:
    big_endian = (text_of(answers, read_question(KERNEL)) or "").strip().endswith(_BIG_ENDIAN)
    lines = (text_of(answers, read_question(path)) or "").splitlines()[1:]
    return [_socket(line, kind, big_endian) for line in lines]


def _socket(line: str, kind: str, big_endian: bool) -> Socket | None:
    words = line.split()
    port = local_port(line)
    wanted = port in PORTS if kind.startswith("udp") else words[3:4] == ["0A"]
    if port is None or not wanted or len(words) < _COLUMNS or not words[9].isdecimal():
        return None
    address = _address(words[1].rpartition(":")[0], big_endian)
    return Socket(kind=kind, port=port, address=address, inode=int(words[9])) if address else None


def _address(digits: str, big_endian: bool) -> str:
    """The kernel prints each 32-bit word of an address as a number of the machine's own byte order."""
    try:
        words = [bytes.fromhex(digits[start : start + 8]) for start in range(0, len(digits), 8)]
        return str(ipaddress.ip_address(b"".join(word if big_endian else word[::-1] for word in words)))
    except ValueError:
        return ""


def _packet(line: str) -> Socket | None:
    """Columns: sk RefCnt Type Proto Iface R Rmem User Inode; Proto is hexadecimal."""
    words = line.split()
    try:
        return Socket(kind="packet", port=0, protocol=int(words[3], 16), interface=int(words[4]), inode=int(words[8]))
    except (IndexError, ValueError):
        return None
