"""scapy as a witness: what it reads in frames, beside what they were meant to say, and the bytes it would write."""

import logging
from collections.abc import Callable
from ipaddress import IPv6Address
from typing import Any

from frames import Sample
from pxedoctor.wire import arp, dhcp4, dhcp4_known, dhcp6, icmp, lldp, nd, nd_options, tftp
from pxedoctor.wire.bpdu import Bpdu, TopologyChange
from pxedoctor.wire.fragment6 import Fragment6
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.ipv6 import Ipv6
from pxedoctor.wire.options import Known
from pxedoctor.wire.udp import Udp

# scapy complains at import where the machine has no route.
logging.getLogger("scapy").setLevel(logging.ERROR)

from scapy.contrib.lldp import LLDPDU, LLDPDUTimeToLive  # noqa: E402
from scapy.layers.dhcp import BOOTP, DHCP  # noqa: E402
from scapy.layers.dhcp6 import DHCP6_RelayForward, DHCP6_RelayReply  # noqa: E402
from scapy.layers.inet import ICMP, IP, UDP  # noqa: E402
from scapy.layers.inet6 import (  # noqa: E402
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6ND_RA,
    ICMPv6ND_RS,
    ICMPv6NDOptPrefixInfo,
    ICMPv6NDOptRDNSS,
    IPv6,
    IPv6ExtHdrFragment,
)
from scapy.layers.l2 import ARP, STP, Dot1Q, Ether  # noqa: E402
from scapy.layers.tftp import TFTP, TFTP_ACK, TFTP_DATA, TFTP_ERROR, TFTP_RRQ, TFTP_WRQ, TFTP_Options  # noqa: E402
from scapy.packet import Packet  # noqa: E402

Pairs = list[tuple[Any, Any]]


def of_arp(value: arp.Arp, packet: Packet) -> Pairs:
    read = packet[ARP]
    return [
        (value.operation, read.op),
        (value.sender_mac, read.hwsrc),
        (str(value.sender), read.psrc),
        (value.target_mac, read.hwdst),
        (str(value.target), read.pdst),
    ]


def of_ipv4(value: Ipv4, packet: Packet) -> Pairs:
    read = packet[IP]
    return [
        (str(value.source), read.src),
        (str(value.destination), read.dst),
        (value.protocol, read.proto),
        (value.ttl, read.ttl),
        (value.service, read.tos),
        (value.identification, read.id),
        (value.fragment >> 13, int(read.flags)),
        (value.payload, bytes(read.payload)),
    ]


def of_ipv6(value: Ipv6, packet: Packet) -> Pairs:
    read = packet[IPv6]
    return [
        (value.source, IPv6Address(read.src)),
        (value.destination, IPv6Address(read.dst)),
        (value.hop_limit, read.hlim),
        (value.traffic_class, read.tc),
        (value.flow_label, read.fl),
        (value.payload, bytes(packet.lastlayer())),
    ]


def of_fragment6(value: Fragment6, packet: Packet) -> Pairs:
    read = packet[IPv6ExtHdrFragment]
    return [
        (value.protocol, read.nh),
        (value.start, read.offset),
        (value.more, bool(read.m)),
        (value.identification, read.id),
        (value.payload, bytes(read.payload)),
    ]


def of_tagged(value: tuple[tuple[int, ...], Udp], packet: Packet) -> Pairs:
    vlans, datagram = value
    read, tags = packet[UDP], []
    while packet.haslayer(Dot1Q):
        packet = packet[Dot1Q]
        tags.append(packet.vlan)
        packet = packet.payload
    return [
        (list(vlans), tags),
        (datagram.source_port, read.sport),
        (datagram.destination_port, read.dport),
        (datagram.payload, bytes(read.payload)),
    ]


def of_icmp(value: icmp.Icmp, packet: Packet) -> Pairs:
    read = packet[ICMP]
    if isinstance(value, icmp.Unreachable):
        mtu = [(value.mtu, read.nexthopmtu)] if value.code == icmp.FRAGMENTATION_NEEDED else []
        return [(3, read.type), (value.code, read.code), *mtu]
    kind = 8 if isinstance(value, icmp.EchoRequest) else 0
    return [(kind, read.type), (value.identifier, read.id), (value.sequence, read.seq)]


def of_nd(value: nd.Nd, packet: Packet) -> Pairs:
    pairs: Pairs = [(code, read.type) for code, read in zip(_nd_codes(value), _nd_read(packet), strict=True)]
    match value:
        case nd.RouterAdvertisement():
            read = packet[ICMPv6ND_RA]
            pairs += [(value.managed, bool(read.M)), (value.other, bool(read.O)), (value.preference, read.prf)]
            pairs += [(value.lifetime, read.routerlifetime), (value.reachable, read.reachabletime)]
            pairs += [(value.retransmit, read.retranstimer), (value.hop_limit, read.chlim)]
        case nd.NeighborSolicitation():
            pairs.append((value.target, IPv6Address(packet[ICMPv6ND_NS].tgt)))
        case nd.NeighborAdvertisement():
            read = packet[ICMPv6ND_NA]
            pairs += [(value.target, IPv6Address(read.tgt)), (value.router, bool(read.R))]
            pairs += [(value.solicited, bool(read.S)), (value.override, bool(read.O))]
        case nd.RouterSolicitation():
            pairs.append((True, packet.haslayer(ICMPv6ND_RS)))
    for option in value.options[:1]:
        if isinstance(option, nd_options.PrefixInformation):
            read = packet[ICMPv6NDOptPrefixInfo]
            pairs += [(option.prefix, IPv6Address(read.prefix)), (option.length, read.prefixlen)]
            pairs += [(option.valid, read.validlifetime), (option.preferred, read.preferredlifetime)]
            pairs += [(option.on_link, bool(read.L)), (option.autonomous, bool(read.A))]
        if isinstance(option, nd_options.RecursiveServers):
            read = packet[ICMPv6NDOptRDNSS]
            pairs.append((list(option.servers), [IPv6Address(server) for server in read.dns]))
            pairs.append((option.lifetime, read.lifetime))
    return pairs


def _nd_codes(value: nd.Nd) -> list[int]:
    return [nd_options.build((option,))[0] for option in value.options]


def _nd_read(packet: Packet) -> list[Packet]:
    found, layer = [], packet[IPv6].payload.payload
    while layer:
        found.append(layer)
        layer = layer.payload
    return found


# scapy's names of options that it reads as numbers and addresses, and the known option beside each.
_NAMED4: dict[str, Known[Any]] = {
    "subnet_mask": dhcp4_known.SUBNET_MASK,
    "router": dhcp4_known.ROUTER,
    "name_server": dhcp4_known.DNS_SERVERS,
    "interface-mtu": dhcp4_known.INTERFACE_MTU,
    "requested_addr": dhcp4_known.REQUESTED_ADDRESS,
    "lease_time": dhcp4_known.LEASE_TIME,
    "message-type": dhcp4_known.MESSAGE_TYPE,
    "server_id": dhcp4_known.SERVER_IDENTIFIER,
    "max_dhcp_size": dhcp4_known.MAX_MESSAGE_SIZE,
    "renewal_time": dhcp4_known.RENEWAL_TIME,
    "rebinding_time": dhcp4_known.REBINDING_TIME,
    "param_req_list": dhcp4_known.PARAMETER_LIST,
}


def of_dhcp4(value: dhcp4.Dhcp4, packet: Packet) -> Pairs:
    # scapy knows no DHCP on the port of ProxyDHCP.
    packet = packet if packet.haslayer(BOOTP) else BOOTP(bytes(packet[UDP].payload))
    read = packet[BOOTP]
    pairs = [
        (value.op, read.op),
        (value.hops, read.hops),
        (value.xid, read.xid),
        (value.secs, read.secs),
        (value.flags, int(read.flags)),
        (str(value.ciaddr), read.ciaddr),
        (str(value.yiaddr), read.yiaddr),
        (str(value.siaddr), read.siaddr),
        (str(value.giaddr), read.giaddr),
    ]
    if value.overload:
        # scapy does not look for options in file and sname.
        return pairs
    pairs += [(value.sname, read.sname.rstrip(b"\0")), (value.file, read.file.rstrip(b"\0"))]
    for option in packet[DHCP].options:
        if isinstance(option, tuple) and option[0] in _NAMED4:
            ours = _NAMED4[option[0]].find(value.options)
            theirs = option[1] if isinstance(option[1], list) else list(option[1:])
            pairs.append(
                ([str(item) for item in (ours if isinstance(ours, tuple) else (ours,))], [str(t) for t in theirs])
            )
    return pairs


def of_dhcp6(value: Any, packet: Packet) -> Pairs:
    if isinstance(value, dhcp6.Relay6):
        kind = DHCP6_RelayForward if value.kind is dhcp6.MessageType.RELAY_FORW else DHCP6_RelayReply
        outer = packet[kind]
        return [
            (value.hops, outer.hopcount),
            (value.link, IPv6Address(outer.linkaddr)),
            (value.peer, IPv6Address(outer.peeraddr)),
            (dhcp6.relayed(value).xid, outer.message.trid),
        ]
    layer = packet[UDP].payload
    pairs: Pairs = [(value.kind, layer.msgtype), (value.xid, layer.trid)]
    codes, layer = [], layer.payload
    while layer:
        codes.append(layer.optcode)
        layer = layer.payload
    return [*pairs, ([option.code for option in value.options], codes)]


def of_tftp(value: tftp.Tftp, packet: Packet) -> Pairs:
    # A transfer goes on between ports of which scapy does not know what they carry.
    packet = packet if packet.haslayer(TFTP) else TFTP(bytes(packet[UDP].payload))
    match value:
        case tftp.ReadRequest() | tftp.WriteRequest():
            read = packet[TFTP_RRQ] if isinstance(value, tftp.ReadRequest) else packet[TFTP_WRQ]
            return [
                (value.file.encode(), read.filename),
                (value.mode.encode(), read.mode),
                *_tftp_options(value, packet),
            ]
        case tftp.Data():
            return [(value.block, packet[TFTP_DATA].block), (value.content, bytes(packet[TFTP_DATA].payload))]
        case tftp.Ack():
            return [(value.block, packet[TFTP_ACK].block)]
        case tftp.Error():
            return [(value.code, packet[TFTP_ERROR].errorcode), (value.message.encode(), packet[TFTP_ERROR].errormsg)]
        case tftp.OptionAck():
            return [(6, packet[TFTP].op), *_tftp_options(value, packet)]


def _tftp_options(value: Any, packet: Packet) -> Pairs:
    read = packet[TFTP_Options].options if packet.haslayer(TFTP_Options) else []
    return [([(n.encode(), v.encode()) for n, v in value.options], [(o.oname, o.value) for o in read])]


def of_bpdu(value: Bpdu | TopologyChange, packet: Packet) -> Pairs:
    if isinstance(value, TopologyChange):
        # scapy knows no BPDU this short.
        return [(bytes.fromhex("00000080"), bytes(packet.lastlayer()))]
    read = packet[STP]
    return [
        (value.version, read.version),
        (value.flags, int(read.bpduflags)),
        (value.root.priority, read.rootid),
        (value.root.mac, read.rootmac),
        (value.cost, read.pathcost),
        (value.bridge.priority, read.bridgeid),
        (value.bridge.mac, read.bridgemac),
        (value.port, read.portid),
    ]


def of_lldp(value: lldp.Lldp, packet: Packet) -> Pairs:
    kinds, layer = [], packet[LLDPDU].payload
    while isinstance(layer, LLDPDU):
        kinds.append(layer._type)
        layer = layer.payload
    return [(value.seconds, packet[LLDPDUTimeToLive].ttl), ([1, 2, 3, *(tlv.kind for tlv in value.tlvs), 0], kinds)]


MEANT: dict[str, Callable[[Any, Packet], Pairs]] = {
    "arp": of_arp,
    "ipv4": of_ipv4,
    "vlan": of_tagged,
    "ipv6": of_ipv6,
    "fragment6": of_fragment6,
    "icmp": of_icmp,
    "nd": of_nd,
    "dhcp4": of_dhcp4,
    "dhcp6": of_dhcp6,
    "tftp": of_tftp,
    "bpdu": of_bpdu,
    "lldp": of_lldp,
}


def disagreements(kind: str, found: list[Sample]) -> list[str]:
    """What scapy reads otherwise, and frames that it writes otherwise from what it read, one line each."""
    return misreadings(kind, found) + rewritings(kind, found)


def misreadings(kind: str, found: list[Sample]) -> list[str]:
    said: list[str] = []
    for sample in found:
        for ours, theirs in MEANT[kind](sample.value, Ether(sample.frame)):
            if ours != theirs:
                said.append(f"{kind}: {theirs} instead of {ours} in {sample.frame.hex()}")
    return said


def rewritings(kind: str, found: list[Sample]) -> list[str]:
    said: list[str] = []
    for sample in found:
        packet = Ether(sample.frame)
        # Forgets the bytes that it read, so that it writes all of them anew.
        packet.clear_cache()
        written = bytes(packet)
        # It fills an LLDP frame up to Ethernet's 60 bytes.
        if written.removesuffix(bytes(len(written) - len(sample.frame))) != sample.frame:
            said.append(f"{kind}: writes {written.hex()} instead of {sample.frame.hex()}")
    return said
