"""The packets of a boot, as rules see them: who sends what to whom, and what conntrack calls it.

1. `Parties` is what is known of the two ends; None is "not known", and a range stands for an address not yet given.
2. conntrack's state is the one at the first hook at which the packet is tracked. Seen on Linux 6.18
   (tests/road/test_packets_kernel.py):
   - a DISCOVER is NEW, and stays so when it is sent again; OFFER and ACK are NEW in OUTPUT, broadcast or not, because
     nobody answers from 255.255.255.255;
   - TFTP's first DATA comes from a port of the server's choice and is NEW; the client's ACK then is ESTABLISHED;
   - a renewal is NEW and its ACK ESTABLISHED;
   - router solicitations and advertisements are UNTRACKED (net/netfilter/nf_conntrack_proto_icmpv6.c), and so is ARP.
3. RFC 2131 (DHCP), RFC 1350 and 2347 (TFTP), PXE 2.1 (the boot server's port 4011), RFC 8415 (DHCPv6), RFC 4861 (ND).
"""

from collections.abc import Callable
from typing import Literal

import msgspec

from pxedoctor.netfilter.field import ETHERTYPES, PROTOCOLS
from pxedoctor.netfilter.seen import CtState, LinkType, Packet, Range
from pxedoctor.road.packet_name import PacketName


class Parties(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the two ends. Addresses may be ranges ("192.0.2.10-192.0.2.99"); None: not known.

    `server` answers DHCP and its own ARP; `boot_server` has the boot file, on `boot_port` where that is HTTP: it and
    `guest` may both be of IPv6. `guest6`, `server6`: from what they ask and answer before there is a lease.
    """

    guest_mac: str | None = None
    server_mac: str | None = None
    server: str | None = None
    guest: str | None = None
    boot_server: str | None = None
    boot_port: int = 80
    guest6: str | None = None
    server6: str | None = None


_EVERYBODY = "255.255.255.255"
_NOBODY = "0.0.0.0"
_ALL_SERVERS6 = "ff02::1:2"
_ALL_NODES6 = "ff02::1"
_ALL_ROUTERS6 = "ff02::2"
_BROADCAST_MAC = "ff:ff:ff:ff:ff:ff"
# RFC 4291 section 2.5.6: of fe80::/10, the 54 bits that follow are zero in every such address.
LINK_LOCAL = "fe80::-fe80::ffff:ffff:ffff:ffff"
_UNSPECIFIED6 = "::"
_CLIENT, _SERVER, _TFTP, _DNS, _PXE = 68, 67, 69, 53, 4011
_CLIENT6, _SERVER6 = 546, 547
_ECHO_REQUEST, _RS, _RA = 8, 133, 134
_SYN, _SYN_ACK = 0x02, 0x12
# A boot ROM's and a TFTP server's own ports are of their choice (RFC 6056 section 3.2): which one is not known.
_ANY_PORT: Range = (1024, 65535)


def packet(name: PacketName, parties: Parties) -> Packet:
    """The packet of that name between these two."""
    return _MAKERS[name](name, parties)


def _udp(
    name: PacketName, ends: tuple[str | None, str | None], ports: tuple[int | Range, int | Range], **more: object
) -> Packet:
    values: dict[str, object] = {
        "name": name.value,
        "ethertype": ETHERTYPES["ip6" if any(end and ":" in end for end in ends) else "ip"],
        "protocol": PROTOCOLS["udp"],
        "source": ends[0],
        "destination": ends[1],
        "source_port": ports[0],
        "destination_port": ports[1],
        "state": "NEW",
    }
    return Packet(**(values | more))  # type: ignore[arg-type]


def _macs(name: PacketName, parties: Parties, broadcast: bool = False) -> dict[str, object]:
    """Who wrote the frame and to whom; a broadcast is known to be one on the wire, a unicast frame to be none."""
    here, there = parties.guest_mac, parties.server_mac
    source, destination = (here, there) if name.from_guest else (there, here)
    kind: LinkType = "broadcast" if broadcast else "unicast"
    return {
        "mac_source": source,
        "mac_destination": _BROADCAST_MAC if broadcast else destination,
        "link_type": kind,
    }


def _from_nobody(name: PacketName, parties: Parties) -> Packet:
    return _udp(name, (_NOBODY, _EVERYBODY), (_CLIENT, _SERVER), **_macs(name, parties, broadcast=True))


def _to_everybody(name: PacketName, parties: Parties) -> Packet:
    return _udp(name, (parties.server, _EVERYBODY), (_SERVER, _CLIENT), **_macs(name, parties, broadcast=True))


def _to_guest(name: PacketName, parties: Parties) -> Packet:
    return _udp(name, (parties.server, parties.guest), (_SERVER, _CLIENT), **_macs(name, parties))


def _renewal(name: PacketName, parties: Parties) -> Packet:
    return _udp(name, (parties.guest, parties.server), (_CLIENT, _SERVER), **_macs(name, parties))


def _renewal_ack(name: PacketName, parties: Parties) -> Packet:
    ends = (parties.server, parties.guest)
    return _udp(name, ends, (_SERVER, _CLIENT), state="ESTABLISHED", direction="reply", **_macs(name, parties))


def _proxy(name: PacketName, parties: Parties) -> Packet:
    ends = (parties.guest, parties.server)
    return _udp(name, ends, (_CLIENT, _PXE), **_macs(name, parties))


def _proxy_reply(name: PacketName, parties: Parties) -> Packet:
    ends = (parties.server, parties.guest)
    return _udp(name, ends, (_PXE, _CLIENT), state="ESTABLISHED", direction="reply", **_macs(name, parties))


def _question(port: int) -> Callable[[PacketName, Parties], Packet]:
    """To a well-known port of the server, from a port of the guest's choice."""

    def make(name: PacketName, parties: Parties) -> Packet:
        server = parties.boot_server if port == _TFTP else parties.server
        return _udp(name, (parties.guest, server), (_ANY_PORT, port), **_macs(name, parties))

    return make


def _dns_answer(name: PacketName, parties: Parties) -> Packet:
    ends = (parties.server, parties.guest)
    return _udp(name, ends, (_DNS, _ANY_PORT), state="ESTABLISHED", direction="reply", **_macs(name, parties))


def _tftp_data(name: PacketName, parties: Parties) -> Packet:
    return _udp(name, (parties.boot_server, parties.guest), (_ANY_PORT, _ANY_PORT), **_macs(name, parties))


def _tftp_ack(name: PacketName, parties: Parties) -> Packet:
    ends = (parties.guest, parties.boot_server)
    return _udp(name, ends, (_ANY_PORT, _ANY_PORT), state="ESTABLISHED", direction="reply", **_macs(name, parties))


def _tcp(flags: int, state: CtState) -> Callable[[PacketName, Parties], Packet]:
    def make(name: PacketName, parties: Parties) -> Packet:
        asks = name.from_guest
        ends = (parties.guest, parties.boot_server) if asks else (parties.boot_server, parties.guest)
        ports = (_ANY_PORT, parties.boot_port) if asks else (parties.boot_port, _ANY_PORT)
        more = {"protocol": PROTOCOLS["tcp"], "tcp_flags": flags, "state": state}
        direction: Literal["original", "reply"] = "original" if asks else "reply"
        return _udp(name, ends, ports, direction=direction, **(more | _macs(name, parties)))

    return make


def _ping(name: PacketName, parties: Parties) -> Packet:
    return Packet(
        name=name.value,
        ethertype=ETHERTYPES["ip"],
        protocol=PROTOCOLS["icmp"],
        source=parties.server,
        destination=parties.guest,
        icmp_type=_ECHO_REQUEST,
        icmp_code=0,
        mac_source=parties.server_mac,
        link_type="unicast",
        state="NEW",
    )


def _arp(operation: int) -> Callable[[PacketName, Parties], Packet]:
    """RFC 826: 1 asks everybody, 2 answers who asked."""

    def make(name: PacketName, parties: Parties) -> Packet:
        ends = (parties.guest, parties.server) if name.from_guest else (parties.server, parties.guest)
        return Packet(
            name=name.value,
            ethertype=ETHERTYPES["arp"],
            source=ends[0],
            destination=ends[1],
            arp_operation=operation,
            **_macs(name, parties, broadcast=operation == 1),  # type: ignore[arg-type]
        )

    return make


def _multicast_mac(address: str) -> str:
    """RFC 2464 section 7: 33:33 and the last four bytes."""
    return "33:33:" + {_ALL_SERVERS6: "00:01:00:02", _ALL_NODES6: "00:00:00:01", _ALL_ROUTERS6: "00:00:00:02"}[address]


def _solicit(name: PacketName, parties: Parties) -> Packet:
    return Packet(
        name=name.value,
        ethertype=ETHERTYPES["ip6"],
        protocol=PROTOCOLS["udp"],
        source=parties.guest6 or LINK_LOCAL,
        destination=_ALL_SERVERS6,
        source_port=_CLIENT6,
        destination_port=_SERVER6,
        mac_source=parties.guest_mac,
        mac_destination=_multicast_mac(_ALL_SERVERS6),
        link_type="multicast",
        state="NEW",
    )


def _advertise(name: PacketName, parties: Parties) -> Packet:
    return Packet(
        name=name.value,
        ethertype=ETHERTYPES["ip6"],
        protocol=PROTOCOLS["udp"],
        source=parties.server6 or LINK_LOCAL,
        destination=parties.guest6 or LINK_LOCAL,
        source_port=_SERVER6,
        destination_port=_CLIENT6,
        mac_source=parties.server_mac,
        mac_destination=parties.guest_mac,
        link_type="unicast",
        state="NEW",
    )


def _router(kind: int, group: str) -> Callable[[PacketName, Parties], Packet]:
    def make(name: PacketName, parties: Parties) -> Packet:
        asks = name.from_guest
        # A solicitation may come from :: before the guest has an address (RFC 4861 section 4.1): not known then.
        source = parties.guest6 if asks else parties.server6 or LINK_LOCAL
        return Packet(
            name=name.value,
            ethertype=ETHERTYPES["ip6"],
            protocol=PROTOCOLS["icmpv6"],
            source=source,
            destination=group,
            icmp_type=kind,
            icmp_code=0,
            ttl=255,
            mac_source=parties.guest_mac if asks else parties.server_mac,
            mac_destination=_multicast_mac(group),
            link_type="multicast",
            state="UNTRACKED",
        )

    return make


_MAKERS: dict[PacketName, Callable[[PacketName, Parties], Packet]] = {
    PacketName.DISCOVER: _from_nobody,
    PacketName.PING: _ping,
    PacketName.OFFER_BROADCAST: _to_everybody,
    PacketName.OFFER_UNICAST: _to_guest,
    PacketName.REQUEST: _from_nobody,
    PacketName.ACK_BROADCAST: _to_everybody,
    PacketName.ACK_UNICAST: _to_guest,
    PacketName.DECLINE: _from_nobody,
    PacketName.ARP_REQUEST: _arp(1),
    PacketName.ARP_REPLY: _arp(2),
    PacketName.SERVER_ARP_REQUEST: _arp(1),
    PacketName.SERVER_ARP_REPLY: _arp(2),
    PacketName.PROXY_REQUEST: _proxy,
    PacketName.PROXY_REPLY: _proxy_reply,
    PacketName.DNS_QUERY: _question(_DNS),
    PacketName.DNS_ANSWER: _dns_answer,
    PacketName.TFTP_RRQ: _question(_TFTP),
    PacketName.TFTP_DATA: _tftp_data,
    PacketName.TFTP_ACK: _tftp_ack,
    PacketName.HTTP_SYN: _tcp(_SYN, "NEW"),
    PacketName.HTTP_SYN_ACK: _tcp(_SYN_ACK, "ESTABLISHED"),
    PacketName.RENEW: _renewal,
    PacketName.RENEW_ACK: _renewal_ack,
    PacketName.SOLICIT: _solicit,
    PacketName.ADVERTISE: _advertise,
    PacketName.INFORMATION_REQUEST: _solicit,
    PacketName.INFORMATION_REPLY: _advertise,
    PacketName.ROUTER_SOLICITATION: _router(_RS, _ALL_ROUTERS6),
    PacketName.ROUTER_ADVERTISEMENT: _router(_RA, _ALL_NODES6),
}
