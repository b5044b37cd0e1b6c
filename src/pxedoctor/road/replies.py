"""Which packets answer another in the same connection, and what conntrack then makes of them."""

import msgspec

from pxedoctor.netfilter.field import PROTOCOLS
from pxedoctor.netfilter.seen import Marks, Packet
from pxedoctor.road.packet_name import PacketName

_ANSWERED = {
    PacketName.RENEW_ACK: PacketName.RENEW,
    PacketName.PROXY_REPLY: PacketName.PROXY_REQUEST,
    PacketName.DNS_ANSWER: PacketName.DNS_QUERY,
    PacketName.TFTP_ACK: PacketName.TFTP_DATA,
    PacketName.HTTP_SYN_ACK: PacketName.HTTP_SYN,
}


def answered(name: PacketName) -> PacketName | None:
    """The packet of which this one is conntrack's reply; None for one that opens a connection, or is in none."""
    return _ANSWERED.get(name)


def as_answer(packet: Packet, question: Marks | None) -> tuple[Packet, Marks]:
    """The answer as it sets out, where the question ended with these marks (None: it did not come through).

    The connection keeps its mark, and what NAT has set on it. A question that a rule took out of conntrack leaves no
    connection: then the answer is NEW, or, where only a SYN may open one, INVALID (nf_conntrack_proto_tcp.c).
    """
    if question is None:
        return packet, Marks()
    marks = Marks(ct_mark=question.ct_mark, nat=question.nat)
    if question.untracked is False:
        return packet, marks
    alone = "INVALID" if packet.protocol == PROTOCOLS["tcp"] else "NEW"
    state = alone if question.untracked else None
    return msgspec.structs.replace(packet, state=state, direction="original"), marks
