"""What the kernel shall hand to a packet socket: the packets of one guest's boot, as a program of classic BPF.

1. A program is (code, jump if true, jump if false, operand) for each instruction (linux/filter.h, struct sock_filter;
   the kernel's Documentation/networking/filter.rst). A packet socket wants to know how many bytes to keep.
2. Kept are, from or to the guest's MAC: ARP, DHCP on port 4011, DNS, TFTP (its request, the first block, the errors),
   the beginning of HTTP, DHCPv6, neighbor discovery; by the hardware address within it: DHCP; and whoever sends them:
   BPDUs of STP and advertisements of routers. Of everything else the kernel hands over nothing.
3. One 802.1Q tag is looked behind; the kernel takes a tag off before it shows a frame, and a second one may be left.
4. Each packet of everybody's pays for each instruction until it is known not to be wanted: what goes from another to
   another alone, and is not DHCP by its port, is sorted out first, and by words at fixed places. What looks behind X is
   dearer: the kernel calls a function for each such load (net/core/filter.c, convert_bpf_ld_abs).
"""

from collections.abc import Sequence

import msgspec

from pxedoctor.wire.ethernet import ARP, IPV4, IPV6, SERVICE_VLAN, VLAN
from pxedoctor.wire.http_port import USUAL
from pxedoctor.wire.mac import write_mac

Instruction = tuple[int, int, int, int]

# linux/bpf_common.h. Operands of loads: absolute, or X + k.
_LOAD_WORD, _LOAD_HALF, _LOAD_BYTE = 0x20, 0x28, 0x30
_WORD_AT, _HALF_AT, _BYTE_AT = 0x40, 0x48, 0x50
_SET_X, _SET_A, _STORE, _LOAD_KEPT = 0x01, 0x00, 0x02, 0x60
_EQUAL, _GREATER, _GREATER_EQUAL, _BITS, _GO, _RETURN = 0x15, 0x25, 0x35, 0x45, 0x05, 0x06

_KEEP = 2048
# Ancillary data are loaded from addresses that no packet has (linux/filter.h, SKF_AD_OFF and SKF_AD_PKTTYPE).
_PACKET_TYPE, _OUTGOING = 0xFFFFF000 + 4, 4
_UDP, _TCP, _ICMPV6 = 17, 6, 58
_BOOTP = (67, 68)
_OWN_PORTS = (69, 4011, 53)
_SYN = 0x02
_MOST_TFTP_OPCODE, _DATA, _ACK = 6, 3, 4
_STP_GROUP = bytes.fromhex("0180c2000000")
# The first bit of a group's address, in the first word of a frame.
_GROUP = 0x01000000


class _Step(msgspec.Struct, frozen=True):
    """`yes` and `no` are labels; "" is the next instruction."""

    code: int
    operand: int = 0
    yes: str = ""
    no: str = ""
    label: str = ""


def boot_packets(mac: str | None, http: Sequence[int] = USUAL) -> tuple[Instruction, ...]:
    """The program for one guest's MAC; None: DHCP, DHCPv6, STP and router advertisements of everybody.

    `http`: the ports by which it may fetch.
    """
    own = write_mac(mac) if mac else None
    return _assembled([*_foreign(own), *_head(own), *_arp(own), *_ip4(own, http), *_ip6(own), *_ends()])


def only_leaving(program: tuple[Instruction, ...]) -> tuple[Instruction, ...]:
    """The same of what a device sends alone. Only a packet socket knows that."""
    first = _assembled(
        [
            _Step(_LOAD_WORD, _PACKET_TYPE),
            _Step(_EQUAL, _OUTGOING, yes="leaves"),
            _Step(_RETURN, 0),
            _Step(_RETURN, 0, label="leaves"),
        ]
    )
    return (*first[:-1], *program)


def _foreign(own: bytes | None) -> list[_Step]:
    """What is sent from another to another alone ends here, but for DHCP: a relay speaks so in the guest's name."""
    if own is None:
        return []
    # Guests of one host begin alike (52:54:00) and end in bytes of their own.
    ending = int.from_bytes(own[2:])
    return [
        _Step(_LOAD_WORD, 2),
        _Step(_EQUAL, ending, yes="look"),
        _Step(_LOAD_WORD, 8),
        _Step(_EQUAL, ending, yes="look"),
        _Step(_LOAD_WORD, 0),
        _Step(_BITS, _GROUP, yes="look"),
        _Step(_LOAD_HALF, 12),
        _Step(_EQUAL, VLAN, yes="look"),
        _Step(_EQUAL, SERVICE_VLAN, yes="look"),
        _Step(_EQUAL, IPV4, no="spared"),
        _Step(_LOAD_BYTE, 23),
        _Step(_EQUAL, _UDP, no="spared"),
        _Step(_LOAD_HALF, 36),
        _Step(_GREATER, _BOOTP[1], yes="spared"),
        _Step(_GREATER_EQUAL, _BOOTP[0], yes="look"),
        _Step(_RETURN, 0, label="spared"),
    ]


def _head(own: bytes | None) -> list[_Step]:
    """M[0] is 1 where the guest is an end of the frame; X is 4 behind a tag."""
    return [
        *_is_guest(own),
        _Step(_SET_X, 0),
        _Step(_LOAD_HALF, 12),
        _Step(_EQUAL, VLAN, yes="tagged"),
        _Step(_EQUAL, SERVICE_VLAN, no="kind"),
        _Step(_SET_X, 4, label="tagged"),
        _Step(_HALF_AT, 12, label="kind"),
        _Step(_EQUAL, IPV4, yes="ip4"),
        _Step(_EQUAL, IPV6, yes="ip6"),
        _Step(_EQUAL, ARP, yes="arp"),
        _Step(_LOAD_WORD, 0),
        _Step(_EQUAL, int.from_bytes(_STP_GROUP[:4]), no="none"),
        _Step(_LOAD_HALF, 4),
        _Step(_EQUAL, int.from_bytes(_STP_GROUP[4:]), yes="keep", no="none"),
    ]


def _is_guest(own: bytes | None) -> list[_Step]:
    if own is None:
        return [_Step(_SET_A, 0), _Step(_STORE, 0)]
    high, low = int.from_bytes(own[:4]), int.from_bytes(own[4:])
    return [
        _Step(_LOAD_WORD, 6, label="look"),
        _Step(_EQUAL, high, no="to"),
        _Step(_LOAD_HALF, 10),
        _Step(_EQUAL, low, yes="guest"),
        _Step(_LOAD_WORD, 0, label="to"),
        _Step(_EQUAL, high, no="other"),
        _Step(_LOAD_HALF, 4),
        _Step(_EQUAL, low, no="other"),
        _Step(_SET_A, 1, label="guest"),
        _Step(_GO, yes="kept"),
        _Step(_SET_A, 0, label="other"),
        _Step(_STORE, 0, label="kept"),
    ]


def _arp(own: bytes | None) -> list[_Step]:
    """From or to the guest, or about it: its MAC as the target's (RFC 826)."""
    if own is None:
        return [_Step(_GO, yes="none", label="arp")]
    return [
        _Step(_LOAD_KEPT, 0, label="arp"),
        _Step(_EQUAL, 1, yes="keep"),
        *_mac_at(own, 32, "none"),
    ]


def _mac_at(own: bytes, at: int, no: str) -> list[_Step]:
    return [
        _Step(_WORD_AT, at),
        _Step(_EQUAL, int.from_bytes(own[:4]), no=no),
        _Step(_HALF_AT, at + 4),
        _Step(_EQUAL, int.from_bytes(own[4:]), yes="keep", no=no),
    ]


def _ip4(own: bytes | None, http: Sequence[int]) -> list[_Step]:
    """Without options in the header: with them, and of a later fragment, nobody boots."""
    chaddr = _mac_at(own, 70, "guest_only") if own else [_Step(_GO, yes="keep")]
    return [
        _Step(_BYTE_AT, 14, label="ip4"),
        _Step(_EQUAL, 0x45, no="none"),
        _Step(_HALF_AT, 20),
        _Step(_BITS, 0x1FFF, yes="none"),
        _Step(_BYTE_AT, 23),
        _Step(_EQUAL, _TCP, yes="tcp"),
        _Step(_EQUAL, _UDP, no="none"),
        *(step for at in (34, 36) for step in _port_at(at, _BOOTP, "dhcp")),
        _Step(_GO, yes="guest_only"),
        _Step(_HALF_AT, 36, label="dhcp"),
        *chaddr,
        _Step(_LOAD_KEPT, 0, label="guest_only"),
        _Step(_EQUAL, 1, no="none"),
        *(step for at in (34, 36) for step in _port_at(at, (*_OWN_PORTS, *_BOOTP), "keep")),
        _Step(_HALF_AT, 42),
        _Step(_EQUAL, 0, yes="none"),
        _Step(_GREATER, _MOST_TFTP_OPCODE, yes="none"),
        _Step(_EQUAL, _DATA, yes="block"),
        _Step(_EQUAL, _ACK, no="keep"),
        _Step(_HALF_AT, 44, label="block"),
        _Step(_GREATER, 1, yes="none", no="keep"),
        _Step(_LOAD_KEPT, 0, label="tcp"),
        _Step(_EQUAL, 1, no="none"),
        _Step(_BYTE_AT, 47),
        _Step(_BITS, _SYN, no="none"),
        *(step for at in (34, 36) for step in _port_at(at, http, "keep")),
        _Step(_GO, yes="none"),
    ]


def _port_at(at: int, ports: Sequence[int], yes: str) -> list[_Step]:
    return [_Step(_HALF_AT, at), *(_Step(_EQUAL, port, yes=yes) for port in ports)]


def _ip6(own: bytes | None) -> list[_Step]:
    """DHCPv6 and neighbor discovery without extension headers. Everybody hears a router's advertisement."""
    whose = [_Step(_LOAD_KEPT, 0), _Step(_EQUAL, 1, no="none")] if own else []
    return [
        _Step(_BYTE_AT, 20, label="ip6"),
        _Step(_EQUAL, _ICMPV6, yes="icmp6"),
        _Step(_EQUAL, _UDP, no="none"),
        *whose,
        *(step for at in (54, 56) for step in _port_at(at, (546, 547), "keep")),
        _Step(_GO, yes="none"),
        _Step(_BYTE_AT, 54, label="icmp6"),
        _Step(_EQUAL, 134, yes="keep"),
        _Step(_GREATER_EQUAL, 133, no="none"),
        _Step(_GREATER, 136, yes="none"),
        *(whose or [_Step(_GO, yes="none")]),
        _Step(_GO, yes="keep"),
    ]


def _ends() -> list[_Step]:
    return [_Step(_RETURN, _KEEP, label="keep"), _Step(_RETURN, 0, label="none")]


def _assembled(steps: list[_Step]) -> tuple[Instruction, ...]:
    """Jumps lead forward only, and those with a condition by 255 instructions at most."""
    places = {step.label: number for number, step in enumerate(steps) if step.label}
    program: list[Instruction] = []
    for number, step in enumerate(steps):
        yes = places[step.yes] - number - 1 if step.yes else 0
        no = places[step.no] - number - 1 if step.no else 0
        if step.code == _GO:
            program.append((step.code, 0, 0, yes))
        else:
            program.append((step.code, yes, no, step.operand))
    return tuple(program)
