"""tshark as a witness: what it reads in frames, beside what they were meant to say.

`meant` is a table of tshark's fields for each kind of packet; a field that is not in it is not compared.
"""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from frames import Sample, write_capture
from pxedoctor.wire import arp, dhcp4, dhcp6, frame, icmp, lldp, tftp
from pxedoctor.wire.bpdu import STP, Bpdu, TopologyChange
from pxedoctor.wire.checksum import Verdict
from pxedoctor.wire.dhcp4_known import (
    CLIENT_ARCHITECTURE,
    CLIENT_IDENTIFIER,
    DNS_SERVERS,
    INTERFACE_MTU,
    LEASE_TIME,
    PARAMETER_LIST,
    ROUTER,
    SERVER_IDENTIFIER,
    SUBNET_MASK,
    TFTP_SERVERS,
)
from pxedoctor.wire.dhcp6_known import ELAPSED_TIME, PREFERENCE, RELAY_MESSAGE
from pxedoctor.wire.fragment6 import Fragment6
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.ipv6 import Ipv6
from pxedoctor.wire.nd import NeighborAdvertisement, NeighborSolicitation, RouterAdvertisement
from pxedoctor.wire.nd_options import PrefixInformation, RecursiveServers, SearchList, SourceLinkLayer
from pxedoctor.wire.options import Known, Option
from pxedoctor.wire.udp import Udp

# TFTP transfers are told by their first packet; here each stands alone. Sums are judged.
_SETTINGS = (
    *("-d", "udp.port==69,tftp"),
    *("-o", "udp.check_checksum:TRUE"),
    *("-o", "ip.check_checksum:TRUE"),
    *("-o", "tftp.defragment:FALSE"),
    *("-o", "ipv6.defragment:FALSE"),
)
_OVER_UDP = ("dhcp4", "dhcp6", "tftp", "vlan")
# Between two occurrences of a field; in no text that is built here.
BETWEEN = "\x1f"
# What tshark remarks on though nothing is wrong, and why.
EXPLAINED = {
    "option overloaded by DHCP": "that is what option 52 does",
    "Duplicate IP address configured": "it compares packets that have nothing to do with each other",
    "TFTP ERROR packet": "it is one",
    "appears to be encoded as little-endian": "it guesses so whenever the low byte of secs is zero",
    "Likely transfer size (tsize) probe": "that is what it is",
    "TLDs are rarely resolvable": "a name of one label",
    "Non standard compliant option data": "a bare user class, as iPXE sends it",
    "length isn't >= 2": "a bare user class of one byte",
    "UC_Len_0 isn't >= 1": "a bare user class that begins with a zero",
    "Unknown subopt type handler": "a defect of tshark 4.0, which asks to report it: option 82, sub-option 11",
    "Didn't find padding of zeros": "a frame of 60 bytes by itself, none of them padding",
    "not permitted to use OPTION_CLIENT_FQDN": "any option stands in any message here",
    "Client Architecture ID 9 is often": "it tells of other programs' habits with a number that is right",
}


def ask(capture: Path, fields: list[str], *more: str) -> list[dict[str, list[str]]]:
    """Each packet's fields, with all their occurrences."""
    words = [word for field in fields for word in ("-e", field)]
    argv = ["tshark", "-r", str(capture), "-T", "fields", "-E", "occurrence=a", "-E", f"aggregator={BETWEEN}"]
    done = subprocess.run([*argv, *more, *words], capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return [
        {name: value.split(BETWEEN) if value else [] for name, value in zip(fields, row, strict=True)} for row in rows
    ]


def said(message: Any, known: Known[Any]) -> list[Any]:
    """What an option says, item by item, as tshark lists it; in DHCPv6 it may stand there more than once."""
    values = [known.find((option,)) for option in message.options if option.code == known.code]
    return [item for value in values for item in (value if isinstance(value, tuple) else (value,))]


def of_arp(value: arp.Arp) -> dict[str, list[Any]]:
    return {
        "arp.opcode": [value.operation],
        "arp.src.hw_mac": [value.sender_mac],
        "arp.src.proto_ipv4": [value.sender],
        "arp.dst.hw_mac": [value.target_mac],
        "arp.dst.proto_ipv4": [value.target],
    }


def of_ipv4(value: Ipv4) -> dict[str, list[Any]]:
    return {
        "ip.src": [value.source],
        "ip.dst": [value.destination],
        "ip.proto": [value.protocol],
        "ip.ttl": [value.ttl],
        "ip.dsfield": [value.service],
        "ip.id": [value.identification],
        "ip.flags.df": [bool(value.fragment)],
        "ip.hdr_len": [20 + len(value.options)],
        "ip.checksum.status": [1],
        "data.data": [value.payload.hex()] if value.payload else [],
    }


def of_ipv6(value: Ipv6) -> dict[str, list[Any]]:
    kinds = [*(extension.kind for extension in value.extensions), value.protocol]
    return {
        "ipv6.src": [value.source],
        "ipv6.dst": [value.destination],
        "ipv6.nxt": kinds[:1],
        "ipv6.hopopts.nxt": kinds[1:2],
        "ipv6.dstopts.nxt": kinds[2:3],
        "ipv6.hlim": [value.hop_limit],
        "ipv6.tclass": [value.traffic_class],
        "ipv6.flow": [value.flow_label],
        "data.data": [value.payload.hex()],
    }


def of_fragment6(value: Fragment6) -> dict[str, list[Any]]:
    return {
        "ipv6.fraghdr.nxt": [value.protocol],
        "ipv6.fraghdr.offset": [value.start],
        "ipv6.fraghdr.more": [value.more],
        "ipv6.fraghdr.ident": [value.identification],
        "data.data": [value.payload.hex()],
    }


def of_tagged(value: tuple[tuple[int, ...], Udp]) -> dict[str, list[Any]]:
    vlans, datagram = value
    return {
        "vlan.id": list(vlans),
        "udp.srcport": [datagram.source_port],
        "udp.dstport": [datagram.destination_port],
        "udp.checksum.status": [1],
        "data.data": [datagram.payload.hex()] if datagram.payload else [],
    }


def of_icmp(value: icmp.Icmp) -> dict[str, list[Any]]:
    if isinstance(value, icmp.Unreachable):
        told = [value.mtu] if value.code == icmp.FRAGMENTATION_NEEDED else []
        return {"icmp.type": [3], "icmp.code": [value.code], "icmp.mtu": told, "icmp.checksum.status": [1]}
    return {
        "icmp.type": [8 if isinstance(value, icmp.EchoRequest) else 0],
        "icmp.ident": [value.identifier],
        "icmp.seq": [value.sequence],
        "icmp.checksum.status": [1],
    }


def of_nd(value: Any) -> dict[str, list[Any]]:
    by_kind = {kind: [o for o in value.options if isinstance(o, kind)] for kind in {type(o) for o in value.options}}
    prefixes = by_kind.get(PrefixInformation, [])
    fields: dict[str, list[Any]] = {
        "icmpv6.checksum.status": [1],
        "icmpv6.opt.src_linkaddr": [option.mac for option in by_kind.get(SourceLinkLayer, [])],
        "icmpv6.opt.prefix.valid_lifetime": [option.valid for option in prefixes],
        "icmpv6.opt.prefix.flag.a": [option.autonomous for option in prefixes],
        "icmpv6.opt.rdnss": [server for option in by_kind.get(RecursiveServers, []) for server in option.servers],
        "icmpv6.opt.dnssl": [name for option in by_kind.get(SearchList, []) for name in option.domains],
    }
    if isinstance(value, RouterAdvertisement):
        fields |= {
            "icmpv6.nd.ra.flag.m": [value.managed],
            "icmpv6.nd.ra.flag.o": [value.other],
            "icmpv6.nd.ra.flag.prf": [value.preference],
            "icmpv6.nd.ra.router_lifetime": [value.lifetime],
            "icmpv6.nd.ra.retrans_timer": [value.retransmit],
        }
    if isinstance(value, NeighborSolicitation):
        fields["icmpv6.nd.ns.target_address"] = [value.target]
    if isinstance(value, NeighborAdvertisement):
        fields["icmpv6.nd.na.target_address"] = [value.target]
        fields["icmpv6.nd.na.flag.o"] = [value.override]
    return fields


def _identified(value: dhcp4.Dhcp4) -> list[str]:
    """The MAC in option 61, which tshark lists as one more of the client's."""
    client = CLIENT_IDENTIFIER.find(value.options)
    is_mac = client is not None and client.kind == 1 and len(client.content) == 6
    return [client.content.hex(":")] if client and is_mac else []


def _secs(seconds: int) -> int:
    """tshark takes seconds whose low byte is zero for little endian, as some clients send them, and says so."""
    return seconds if seconds & 0xFF else seconds >> 8


def of_dhcp4(value: dhcp4.Dhcp4) -> dict[str, list[Any]]:
    return {
        "dhcp.type": [value.op],
        "dhcp.hops": [value.hops],
        "dhcp.id": [value.xid],
        "dhcp.secs": [_secs(value.secs)],
        "dhcp.flags": [value.flags],
        "dhcp.ip.client": [value.ciaddr],
        "dhcp.ip.your": [value.yiaddr],
        "dhcp.ip.server": [value.siaddr],
        "dhcp.ip.relay": [value.giaddr],
        "dhcp.hw.mac_addr": [value.mac, *_identified(value)],
        "dhcp.option.end": [0xFF] * (1 + value.overload.bit_count()),
        "dhcp.option.subnet_mask": said(value, SUBNET_MASK),
        "dhcp.option.router": said(value, ROUTER),
        "dhcp.option.domain_name_server": said(value, DNS_SERVERS),
        "dhcp.option.interface_mtu": said(value, INTERFACE_MTU),
        "dhcp.option.ip_address_lease_time": said(value, LEASE_TIME),
        "dhcp.option.dhcp": [] if value.kind is None else [value.kind],
        "dhcp.option.dhcp_server_id": said(value, SERVER_IDENTIFIER),
        "dhcp.option.request_list_item": said(value, PARAMETER_LIST),
        "dhcp.option.client_system_architecture": said(value, CLIENT_ARCHITECTURE),
        "dhcp.option.tftp_server_address": said(value, TFTP_SERVERS),
    }


def of_dhcp6(value: Any) -> dict[str, list[Any]]:
    inner = dhcp6.relayed(value)
    return {
        "dhcpv6.msgtype": [value.kind] if inner is value else [value.kind, inner.kind],
        "dhcpv6.xid": [inner.xid],
        "dhcpv6.elapsed_time": [10 * hundredths for hundredths in said(inner, ELAPSED_TIME)],
        "dhcpv6.option_preference": said(inner, PREFERENCE),
        "dhcpv6.option.type": list(types6(value.options)),
        "dhcpv6.linkaddr": [] if inner is value else [value.link],
        "dhcpv6.peeraddr": [] if inner is value else [value.peer],
    }


def types6(options: tuple[Option, ...]) -> Iterator[int]:
    """The options and those inside them, in the order of their bytes."""
    before = {3: 12, 4: 4, 5: 24, 25: 12, 26: 25}
    for option in options:
        yield option.code
        if option.code in before:
            yield from types6(dhcp6.parse_options(option.content[before[option.code] :]))
        if option.code == RELAY_MESSAGE.code:
            yield from types6(dhcp6.parse(option.content).options)


def of_tftp(value: tftp.Tftp) -> dict[str, list[Any]]:
    match value:
        case tftp.ReadRequest() | tftp.WriteRequest():
            read = isinstance(value, tftp.ReadRequest)
            return {"tftp.opcode": [1 if read else 2], "tftp.type": [value.mode]} | of_tftp_options(value.options)
        case tftp.Data():
            data = [value.content.hex()] if value.content else []
            return {"tftp.opcode": [3], "tftp.block": [value.block], "data.data": data}
        case tftp.Ack():
            return {"tftp.opcode": [4], "tftp.block": [value.block]}
        case tftp.Error():
            return {"tftp.opcode": [5], "tftp.error.code": [value.code]}
        case tftp.OptionAck():
            return {"tftp.opcode": [6]} | of_tftp_options(value.options)


def of_tftp_options(options: tftp.Options) -> dict[str, list[Any]]:
    names, values = [name for name, _ in options], [value for _, value in options]
    return {"tftp.option.name": names, "tftp.option.value": values}


def of_bpdu(value: Bpdu | TopologyChange) -> dict[str, list[Any]]:
    if isinstance(value, TopologyChange):
        return {"stp.type": [0x80], "stp.version": [0]}
    rapid = value.version != STP
    return {
        "stp.type": [2 if rapid else 0],
        "stp.version": [value.version],
        "stp.flags": [value.flags],
        "stp.flags.forwarding": [value.is_forwarding] if rapid else [],
        "stp.flags.learning": [value.is_learning] if rapid else [],
        "stp.root.hw": [value.root.mac],
        "stp.root.prio": [value.root.priority & 0xF000],
        "stp.root.ext": [value.root.priority & 0x0FFF],
        "stp.root.cost": [value.cost],
        "stp.bridge.hw": [value.bridge.mac],
        "stp.port": [value.port],
    }


def of_lldp(value: lldp.Lldp) -> dict[str, list[Any]]:
    vlans = [int.from_bytes(tlv.content[4:]) for tlv in value.tlvs if tlv.content.startswith(b"\0\x80\xc2\1")]
    return {
        "lldp.chassis.subtype": [value.chassis.subtype],
        "lldp.port.subtype": [value.port.subtype],
        "lldp.time_to_live": [value.seconds],
        "lldp.tlv.type": [1, 2, 3, *(tlv.kind for tlv in value.tlvs), 0],
        "lldp.tlv.system.name": [tlv.content.decode() for tlv in value.tlvs if tlv.kind == lldp.SYSTEM_NAME],
        "lldp.ieee.802_1.port_vlan.id": vlans,
    }


MEANT: dict[str, Callable[[Any], dict[str, list[Any]]]] = {
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


def as_heard(found: list[str], meant: list[Any]) -> list[Any]:
    """tshark's words as what was meant: it writes numbers in several bases, and truth as 1 or True."""
    if len(found) != len(meant):
        return list(found)
    truths = {"1": True, "True": True, "0": False, "False": False}
    heard: list[Any] = []
    for word, value in zip(found, meant, strict=True):
        if isinstance(value, bool):
            heard.append(truths[word])
        else:
            heard.append(int(word, 0) if isinstance(value, int) else type(value)(word))
    return heard


def contents4(row: dict[str, list[str]]) -> dict[int, str]:
    """Options as tshark lists them, in pieces, joined. Of an empty one it lists the value at times, as <MISSING>."""
    joined: dict[int, str] = {}
    values = list(row["dhcp.option.value"])
    # The padding behind the end is listed as option 0, without a length.
    kinds = [kind for kind in row["dhcp.option.type"] if kind != "0"]
    for kind, length in zip(kinds, row["dhcp.option.length"], strict=True):
        empty = length == "0"
        value = "" if empty and values[:1] != ["<MISSING>"] else values.pop(0)
        joined[int(kind)] = joined.get(int(kind), "") + ("" if empty else value)
    return joined


def disagreements(kind: str, found: list[Sample], folder: Path) -> list[str]:
    """What tshark says otherwise, one line a packet and field; it has not read a packet that it calls malformed."""
    write_capture(folder / f"{kind}.pcap", [sample.frame for sample in found])
    meant = [MEANT[kind](sample.value) for sample in found]
    fields = sorted({field for packet in meant for field in packet})
    more = ["dhcp.option.type", "dhcp.option.length", "dhcp.option.value"] if kind == "dhcp4" else []
    wanted = [*fields, *more, "_ws.malformed", "_ws.expert.message"]
    rows = ask(folder / f"{kind}.pcap", wanted, *_SETTINGS)
    assert len(rows) == len(found)
    said: list[str] = []
    for sample, packet, row in zip(found, meant, rows, strict=True):
        for field, values in packet.items():
            heard = as_heard(row[field], values)
            if heard != values:
                said.append(f"{kind} {field}: {row[field]} instead of {values} in {sample.frame.hex()}")
        if kind == "dhcp4":
            contents = {option.code: option.content.hex() for option in sample.value.options}
            if contents4(row) != contents:
                said.append(f"{kind} options: {contents4(row)} instead of {contents} in {sample.frame.hex()}")
        remarks = [*row["_ws.malformed"], *row["_ws.expert.message"]]
        unexplained = [remark for remark in remarks if not any(known in remark for known in EXPLAINED)]
        if kind in _OVER_UDP and frame.parse(sample.frame).checksum in (Verdict.PARTIAL, Verdict.BAD):
            # It has one word for both, and must have said it.
            unexplained = [remark for remark in unexplained if not remark.startswith("Bad checksum")] or (
                [] if any(remark.startswith("Bad checksum") for remark in remarks) else ["no word on a bad checksum"]
            )
        said += [f"{kind} {remark} in {sample.frame.hex()}" for remark in unexplained]
    return said
