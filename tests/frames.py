"""Whole frames of every protocol that `pxedoctor.wire` builds, for the oracles to read; and the captures they read."""

import struct
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import packets
from pxedoctor.wire import (
    arp,
    bpdu,
    dhcp4,
    dhcp6,
    dhcp6_known,
    ethernet,
    fragment6,
    frame,
    icmp,
    icmp6,
    ipv4,
    ipv6,
    ipxe,
    llc,
    lldp,
    nd,
    nd_options,
    pxe,
    relay_agent,
    tftp,
)
from pxedoctor.wire.dhcp4_formats import Enterprise
from pxedoctor.wire.dhcp4_known import (
    DOMAIN_SEARCH,
    IPXE,
    OVERLOAD,
    RELAY_AGENT,
    VENDOR_CLASS,
    VENDOR_CLASSES,
    VENDOR_INFORMATION,
    VENDOR_SPECIFIC,
)
from pxedoctor.wire.dhcp4_known import KNOWN as KNOWN4
from pxedoctor.wire.dhcp6_formats import (
    Association,
    LeasedAddress,
    LeasedPrefix,
    Status,
    Temporary,
    VendorClass,
    VendorOptions,
)
from pxedoctor.wire.dhcp6_known import IA_ADDRESS, RELAY_MESSAGE, STATUS_CODE
from pxedoctor.wire.duid import Duid
from pxedoctor.wire.ethernet import Ethernet
from pxedoctor.wire.fragment6 import Fragment6
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.ipv6 import Extension, Ipv6
from pxedoctor.wire.llc import Llc
from pxedoctor.wire.mac import BROADCAST
from pxedoctor.wire.options import Known, Option
from pxedoctor.wire.udp import Udp

SERVER_MAC, GUEST_MAC = "52:54:00:0d:0d:fe", "52:54:00:0d:0d:01"
SERVER, GUEST = IPv4Address("192.168.150.1"), IPv4Address("192.168.150.5")
ROUTER6, GUEST6 = IPv6Address("fe80::5054:ff:fe0d:dfe"), IPv6Address("fe80::5054:ff:fe0d:d01")


class Sample(msgspec.Struct, frozen=True):
    """A value and the frame that it was built into."""

    value: Any
    frame: bytes


def in_ethernet(kind: int, payload: bytes, destination: str = BROADCAST) -> bytes:
    return ethernet.build(Ethernet(destination=destination, source=SERVER_MAC, kind=kind, payload=payload))


def in_llc(payload: bytes) -> bytes:
    return llc.build(
        Llc(
            destination=bpdu.GROUP,
            source=SERVER_MAC,
            destination_service=llc.BRIDGE,
            source_service=llc.BRIDGE,
            payload=payload,
        )
    )


def in_udp4(source: int, destination: int, payload: bytes) -> bytes:
    datagram = Udp(source_port=source, destination_port=destination, payload=payload)
    return frame.build(
        datagram, Ipv4(source=SERVER, destination=GUEST, protocol=17, payload=b""), GUEST_MAC, SERVER_MAC
    )


def in_udp6(source: int, destination: int, payload: bytes) -> bytes:
    datagram = Udp(source_port=source, destination_port=destination, payload=payload)
    packet = Ipv6(source=ROUTER6, destination=GUEST6, protocol=17, payload=b"")
    return frame.build(datagram, packet, GUEST_MAC, SERVER_MAC)


def of_dhcp4(message: dhcp4.Dhcp4) -> bytes:
    ports = (68, 67) if message.op is dhcp4.Op.REQUEST else (67, 68)
    return in_udp4(*ports, dhcp4.build(message))


def of_dhcp6(message: dhcp6.Dhcp6 | dhcp6.Relay6) -> bytes:
    return in_udp6(546, 547, dhcp6.build(message))


def of_icmp(message: icmp.Icmp) -> bytes:
    packet = Ipv4(source=SERVER, destination=GUEST, protocol=ipv4.ICMP, payload=icmp.build(message))
    return in_ethernet(ethernet.IPV4, ipv4.build(packet))


def of_tagged(value: tuple[tuple[int, ...], Udp]) -> bytes:
    vlans, datagram = value
    packet = Ipv4(source=SERVER, destination=GUEST, protocol=17, payload=b"")
    return frame.build(datagram, packet, GUEST_MAC, SERVER_MAC, vlans)


def of_fragment6(piece: Fragment6) -> bytes:
    packet = Ipv6(source=ROUTER6, destination=GUEST6, protocol=ipv6.FRAGMENT, payload=fragment6.build(piece))
    return in_ethernet(ethernet.IPV6, ipv6.build(packet))


def of_nd(message: nd.Nd) -> bytes:
    payload = icmp6.build(nd.build(message), ROUTER6, GUEST6)
    packet = Ipv6(source=ROUTER6, destination=GUEST6, protocol=ipv6.ICMPV6, payload=payload, hop_limit=nd.HOP_LIMIT)
    return in_ethernet(ethernet.IPV6, ipv6.build(packet))


# Contents of options that `wire` leaves to others as bytes, but in which an oracle looks for a structure.
_BYTES4: dict[int, st.SearchStrategy[bytes]] = {
    # Flags, two result codes, a name (RFC 4702 section 2).
    81: st.just(b"\0\0\0web01.lan"),
    # RFC 5071 section 5.
    208: st.just(bytes.fromhex("f100747e")),
}
_BYTES6: dict[int, st.SearchStrategy[bytes]] = {
    # Delayed authentication with an HMAC key id (RFC 3315 section 21.4.1), and a reconfigure key (RFC 8415 20.4.1).
    11: st.just(bytes.fromhex("03010000000000000000010000000000000000000000000000000000")),
    18: st.binary(min_size=1, max_size=20),
    39: st.just(b"\1\5web01\3lan\0"),
    # Sub-option 1, an address (RFC 5908 section 4.1).
    56: packets.addresses6.map(lambda address: b"\0\1\0\x10" + address.packed),
    79: st.binary(min_size=6, max_size=6).map(lambda mac: b"\0\1" + mac),
}
_duids = st.one_of(
    st.builds(Duid, kind=st.just(1), content=st.binary(min_size=10, max_size=10).map(lambda rest: b"\0\1" + rest)),
    st.builds(Duid, kind=st.just(2), content=st.binary(min_size=5, max_size=20)),
    st.builds(Duid, kind=st.just(3), content=st.binary(min_size=6, max_size=6).map(lambda mac: b"\0\1" + mac)),
    st.builds(Duid, kind=st.just(4), content=st.binary(min_size=16, max_size=16)),
)
_leases = st.builds(LeasedAddress, address=packets.addresses6, preferred=packets.uint32, valid=packets.uint32)
_prefixes = st.builds(
    LeasedPrefix,
    preferred=packets.uint32,
    valid=packets.uint32,
    length=st.integers(0, 128),
    prefix=packets.addresses6,
)
_statuses = st.builds(Status, code=st.integers(0, 6), message=packets.words)
_in_association = packets.tuples(_leases.map(IA_ADDRESS.of) | _statuses.map(STATUS_CODE.of), most=2)
# Options that stand inside others, or around a message.
_INSIDE = (RELAY_MESSAGE, IA_ADDRESS, dhcp6_known.IA_PREFIX)
# What stands in options of a structure of their own.
_VALUES: dict[Any, st.SearchStrategy[Any]] = {
    # Never empty (RFC 2132 section 9.13).
    VENDOR_CLASS: packets.words,
    # One vendor at least; the classes of 124 and the sub-options of 125 have lengths of their own.
    VENDOR_CLASSES: st.just((Enterprise(number=343, content=b"\4iPXE"),)),
    VENDOR_INFORMATION: st.just((Enterprise(number=3561, content=b"\1\2ab"),)),
    IPXE: packets.tuples(st.one_of([packets.said(row) for row in ipxe.KNOWN]), least=1),
    VENDOR_SPECIFIC: packets.tuples(
        st.one_of([packets.said(row) for row in pxe.KNOWN if row is not pxe.BOOT_MENU]), least=1
    ),
    RELAY_AGENT: packets.tuples(st.one_of([packets.said(row) for row in relay_agent.KNOWN]), least=1),
    DOMAIN_SEARCH: packets.tuples(packets.hostnames, least=1),
    dhcp6_known.DOMAIN_LIST: packets.tuples(packets.hostnames, least=1),
    dhcp6_known.CLIENT_ID: _duids,
    dhcp6_known.SERVER_ID: _duids,
    dhcp6_known.IA_NA: st.builds(
        Association, iaid=packets.uint32, t1=packets.uint32, t2=packets.uint32, options=_in_association
    ),
    dhcp6_known.IA_TA: st.builds(Temporary, iaid=packets.uint32, options=_in_association),
    dhcp6_known.IA_PD: st.builds(
        Association,
        iaid=packets.uint32,
        t1=packets.uint32,
        t2=packets.uint32,
        options=packets.tuples(_prefixes.map(dhcp6_known.IA_PREFIX.of), most=2),
    ),
    dhcp6_known.STATUS_CODE: _statuses,
    dhcp6_known.USER_CLASSES: packets.tuples(st.binary(min_size=1, max_size=20), least=1),
    dhcp6_known.VENDOR_CLASSES: st.builds(
        VendorClass, enterprise=packets.uint32, classes=packets.tuples(st.binary(min_size=1, max_size=20), least=1)
    ),
    dhcp6_known.VENDOR_SPECIFIC: st.builds(
        VendorOptions, enterprise=st.just(343), options=packets.tuples(st.builds(Option, packets.uint16, st.binary()))
    ),
}


def _said(known: Known[Any], contents: dict[int, st.SearchStrategy[bytes]]) -> st.SearchStrategy[Option]:
    if known.code in contents:
        return contents[known.code].map(lambda content: Option(known.code, content))
    values = _VALUES[known] if known in _VALUES else packets.values_of(known)
    return values.map(known.of)


_options4 = st.lists(st.one_of([_said(row, _BYTES4) for row in KNOWN4 if row is not OVERLOAD]), min_size=2, max_size=10)
_options6 = packets.tuples(
    st.one_of([_said(row, _BYTES6) for row in dhcp6_known.KNOWN if row not in _INSIDE]), least=1, most=6
)

dhcp4s = packets.dhcp4s_with(_options4).map(
    lambda message: msgspec.structs.replace(message, chaddr=message.chaddr[:6].ljust(6, b"\1"), htype=1)
)
dhcp6s = st.builds(
    dhcp6.Dhcp6,
    kind=st.sampled_from([kind for kind in dhcp6.MessageType if kind < dhcp6.MessageType.RELAY_FORW]),
    xid=st.integers(0, 2**24 - 1),
    options=_options6,
)
_relay_options = st.tuples(
    dhcp6s.map(lambda message: RELAY_MESSAGE.of(dhcp6.build(message))),
    st.binary(min_size=1, max_size=20).map(dhcp6_known.INTERFACE_ID.of),
)
relay6s = st.builds(
    dhcp6.Relay6,
    kind=st.sampled_from([dhcp6.MessageType.RELAY_FORW, dhcp6.MessageType.RELAY_REPL]),
    hops=st.just(0),
    link=packets.addresses6,
    peer=packets.addresses6,
    options=_relay_options,
)

# Protocol 253 is for experiments (RFC 3692): no oracle reads what is in it. Options: none, no-operations up to the
# end, or a router alert (RFC 2113); so for IPv6: PadN (RFC 8200 section 4.2).
ipv4s = st.builds(
    msgspec.structs.replace,
    packets.ipv4s,
    protocol=st.just(253),
    fragment=st.sampled_from([0, 0x4000]),
    ttl=st.integers(5, 255),
    options=st.sampled_from([b"", b"\1\1\1\0", bytes.fromhex("94040000")]),
)
ipv6s = st.builds(
    msgspec.structs.replace,
    packets.ipv6s,
    protocol=st.just(253),
    payload=st.binary(min_size=1, max_size=200),
    extensions=st.sampled_from(
        [
            (),
            (Extension(ipv6.HOP_BY_HOP, b"\1\4" + bytes(4)),),
            (
                Extension(ipv6.HOP_BY_HOP, b"\1\x0c" + bytes(12)),
                Extension(ipv6.DESTINATION_OPTIONS, b"\1\4" + bytes(4)),
            ),
        ]
    ),
)
# Pieces of packets that no oracle has the rest of.
fragment6s = st.builds(
    msgspec.structs.replace,
    packets.fragment6s,
    protocol=st.just(253),
    payload=st.integers(1, 30).flatmap(lambda words: st.binary(min_size=8 * words, max_size=8 * words)),
)
icmps = st.one_of(
    st.builds(icmp.EchoRequest, identifier=packets.uint16, sequence=packets.uint16, payload=packets.payloads),
    st.builds(icmp.EchoReply, identifier=packets.uint16, sequence=packets.uint16, payload=packets.payloads),
    st.builds(
        icmp.Unreachable,
        code=st.sampled_from([icmp.PORT_UNREACHABLE, icmp.FRAGMENTATION_NEEDED]),
        mtu=packets.uint16,
        original=ipv4s.map(ipv4.build),
    ),
)
_chassis = st.one_of(
    st.builds(lldp.Identifier, st.just(4), st.binary(min_size=6, max_size=6)),
    st.builds(lldp.Identifier, st.just(5), packets.addresses4.map(lambda address: b"\1" + address.packed)),
    st.builds(lldp.Identifier, st.just(7), packets.words.map(str.encode)),
)
_ports = st.one_of(
    st.builds(lldp.Identifier, st.just(3), st.binary(min_size=6, max_size=6)),
    st.builds(lldp.Identifier, st.just(5), packets.words.map(str.encode)),
    st.builds(lldp.Identifier, st.just(7), packets.words.map(str.encode)),
)
_tlvs = st.one_of(
    st.builds(lldp.Tlv, st.sampled_from([4, 5, 6]), packets.words.map(str.encode)),
    st.builds(lldp.Tlv, st.just(lldp.CAPABILITIES), st.binary(min_size=4, max_size=4)),
    st.builds(
        lldp.Tlv, st.just(lldp.ORGANISATION), packets.uint16.map(lambda vlan: b"\0\x80\xc2\1" + vlan.to_bytes(2))
    ),
)
lldps = st.builds(lldp.Lldp, chassis=_chassis, port=_ports, seconds=packets.uint16, tlvs=packets.tuples(_tlvs))
nds = packets.nds.filter(lambda message: not any(isinstance(option, nd_options.Other) for option in message.options))
tagged = st.tuples(
    packets.tuples(st.integers(0, 4094), least=1, most=2),
    # Ports that no oracle claims.
    st.builds(msgspec.structs.replace, packets.udps, source_port=st.just(50100), destination_port=st.just(50200)),
)


class Kind(msgspec.Struct, frozen=True):
    """Values of one protocol, how one becomes a frame, and the kind's share of all packets that are judged."""

    values: st.SearchStrategy[Any]
    build: Callable[[Any], bytes]
    share: float


KINDS = {
    "arp": Kind(packets.arps, lambda value: in_ethernet(ethernet.ARP, arp.build(value)), 0.05),
    "ipv4": Kind(ipv4s, lambda value: in_ethernet(ethernet.IPV4, ipv4.build(value)), 0.05),
    "vlan": Kind(tagged, of_tagged, 0.05),
    "ipv6": Kind(ipv6s, lambda value: in_ethernet(ethernet.IPV6, ipv6.build(value)), 0.05),
    "fragment6": Kind(fragment6s, of_fragment6, 0.05),
    "icmp": Kind(icmps, of_icmp, 0.05),
    "nd": Kind(nds, of_nd, 0.05),
    "dhcp4": Kind(dhcp4s, of_dhcp4, 0.3),
    "dhcp6": Kind(dhcp6s | relay6s, of_dhcp6, 0.15),
    "tftp": Kind(packets.tftps, lambda value: in_udp4(50000, tftp.PORT, tftp.build(value)), 0.1),
    "bpdu": Kind(packets.bpdus, lambda value: in_llc(bpdu.build(value)), 0.05),
    "lldp": Kind(lldps, lambda value: in_ethernet(ethernet.LLDP, lldp.build(value), lldp.GROUP), 0.05),
}


def samples(kind: str, packets_in_all: int) -> list[Sample]:
    """The kind's share of so many packets, the same ones in every run."""
    of_kind = KINDS[kind]
    found: list[Sample] = []

    @settings(
        max_examples=max(1, round(packets_in_all * of_kind.share)),
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(of_kind.values)
    def collect(value: Any) -> None:
        found.append(Sample(value, of_kind.build(value)))

    collect()
    return found


def write_capture(path: Path, frames: Iterable[bytes]) -> None:
    """The classic format: wiki.wireshark.org/Development/LibpcapFileFormat."""
    records = (struct.pack("<IIII", 0, number, len(frame), len(frame)) + frame for number, frame in enumerate(frames))
    path.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + b"".join(records))


def read_capture(path: Path) -> list[tuple[float, bytes]]:
    """Time and frame of every whole record of a classic capture in this machine's byte order."""
    content = path.read_bytes()
    magic = struct.unpack_from("<I", content)[0]
    fraction = {0xA1B2C3D4: 1e-6, 0xA1B23C4D: 1e-9}[magic]
    found, at = [], 24
    while at + 16 <= len(content):
        seconds, part, length, _ = struct.unpack_from("<IIII", content, at)
        if at + 16 + length > len(content):
            break
        found.append((seconds + part * fraction, content[at + 16 : at + 16 + length]))
        at += 16 + length
    return found
