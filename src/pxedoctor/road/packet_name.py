"""The names of the packets of a boot."""

from enum import StrEnum

from pxedoctor.findings.outcome import Leg


class PacketName(StrEnum):
    """Every packet of which a road can be told, in the order in which a boot needs them."""

    DISCOVER = "DISCOVER"
    PING = "PING"
    OFFER_BROADCAST = "OFFER-BROADCAST"
    OFFER_UNICAST = "OFFER-UNICAST"
    REQUEST = "REQUEST"
    ACK_BROADCAST = "ACK-BROADCAST"
    ACK_UNICAST = "ACK-UNICAST"
    DECLINE = "DECLINE"
    ARP_REQUEST = "ARP-REQUEST"
    ARP_REPLY = "ARP-REPLY"
    SERVER_ARP_REQUEST = "SERVER-ARP-REQUEST"
    SERVER_ARP_REPLY = "SERVER-ARP-REPLY"
    PROXY_REQUEST = "PROXY-REQUEST"
    PROXY_REPLY = "PROXY-REPLY"
    DNS_QUERY = "DNS-QUERY"
    DNS_ANSWER = "DNS-ANSWER"
    TFTP_RRQ = "TFTP-RRQ"
    TFTP_DATA = "TFTP-DATA"
    TFTP_ACK = "TFTP-ACK"
    HTTP_SYN = "HTTP-SYN"
    HTTP_SYN_ACK = "HTTP-SYN-ACK"
    RENEW = "RENEW"
    RENEW_ACK = "RENEW-ACK"
    SOLICIT = "SOLICIT"
    ADVERTISE = "ADVERTISE"
    INFORMATION_REQUEST = "INFORMATION-REQUEST"
    INFORMATION_REPLY = "INFORMATION-REPLY"
    ROUTER_SOLICITATION = "ROUTER-SOLICITATION"
    ROUTER_ADVERTISEMENT = "ROUTER-ADVERTISEMENT"

    @property
    def from_guest(self) -> bool:
        return self in _FROM_GUEST

    @property
    def leg(self) -> Leg:
        if self in _OF_AN_ADDRESS:
            return Leg.FETCH
        return Leg.ASKING if self.from_guest else Leg.ANSWER


_FROM_GUEST = frozenset(
    {
        PacketName.DISCOVER,
        PacketName.REQUEST,
        PacketName.DECLINE,
        PacketName.ARP_REQUEST,
        PacketName.SERVER_ARP_REPLY,
        PacketName.PROXY_REQUEST,
        PacketName.DNS_QUERY,
        PacketName.TFTP_RRQ,
        PacketName.TFTP_ACK,
        PacketName.HTTP_SYN,
        PacketName.RENEW,
        PacketName.SOLICIT,
        PacketName.INFORMATION_REQUEST,
        PacketName.ROUTER_SOLICITATION,
    }
)
# Sent to or from the address that the guest was offered.
_OF_AN_ADDRESS = frozenset(
    {
        PacketName.DECLINE,
        PacketName.ARP_REQUEST,
        PacketName.ARP_REPLY,
        PacketName.SERVER_ARP_REQUEST,
        PacketName.SERVER_ARP_REPLY,
        PacketName.PROXY_REQUEST,
        PacketName.PROXY_REPLY,
        PacketName.DNS_QUERY,
        PacketName.DNS_ANSWER,
        PacketName.TFTP_RRQ,
        PacketName.TFTP_DATA,
        PacketName.TFTP_ACK,
        PacketName.HTTP_SYN,
        PacketName.HTTP_SYN_ACK,
        PacketName.RENEW,
        PacketName.RENEW_ACK,
    }
)
