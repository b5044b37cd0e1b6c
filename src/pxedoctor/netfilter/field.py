"""The properties of a packet that rules compare, and the numbers by which the kernel knows their values."""

from enum import StrEnum


class Field(StrEnum):
    """A property that rules compare. Addresses, MACs and types are numbers; devices are names."""

    IN_NAME = "in device"
    OUT_NAME = "out device"
    IN_INDEX = "in device's index"
    OUT_INDEX = "out device's index"
    IN_GROUP = "in device's group"
    OUT_GROUP = "out device's group"
    PHYS_IN = "port it came in through"
    PHYS_OUT = "port it leaves through"
    IN_BRIDGE = "bridge it came in through"
    OUT_BRIDGE = "bridge it leaves through"
    FAMILY = "family (NFPROTO_*)"
    ETHERTYPE = "EtherType"
    HEADER_TYPE = "type in the Ethernet header (0x8100 where a tag comes first)"
    VLAN = "VLAN id"
    MAC_SOURCE = "source MAC"
    MAC_DESTINATION = "destination MAC"
    PROTOCOL = "layer 4 protocol"
    SOURCE4 = "IPv4 source"
    DESTINATION4 = "IPv4 destination"
    SOURCE6 = "IPv6 source"
    DESTINATION6 = "IPv6 destination"
    SOURCE_PORT = "source port"
    DESTINATION_PORT = "destination port"
    TRANSPORT_SOURCE = "bits 0-15 of the transport header, whatever the protocol"
    TRANSPORT_DESTINATION = "bits 16-31 of the transport header, whatever the protocol"
    ICMP_TYPE = "ICMP type"
    ICMP_CODE = "ICMP code"
    TCP_FLAGS = "TCP flags"
    TTL = "TTL or hop limit"
    LENGTH = "length"
    FRAGMENT = "fragment offset"
    ARP_OPERATION = "ARP operation"
    ARP_SOURCE = "ARP sender address"
    ARP_TARGET = "ARP target address"
    ARP_SOURCE_MAC = "ARP sender MAC"
    ARP_TARGET_MAC = "ARP target MAC"
    PACKET_TYPE = "packet type (PACKET_*)"
    CT_STATE = "conntrack state (bits)"
    CT_DIRECTION = "conntrack direction"
    CT_STATUS = "conntrack status (bits)"
    MARK = "mark"
    CT_MARK = "connection's mark"


# include/linux/netfilter/nf_conntrack_common.h NF_CT_STATE_BIT; as nft compares them (`ct state`).
CT_BITS: dict[str, int] = {"INVALID": 1, "ESTABLISHED": 2, "RELATED": 4, "NEW": 8, "UNTRACKED": 64}
# include/uapi/linux/netfilter/nf_conntrack_common.h IPS_SRC_NAT, IPS_DST_NAT.
CT_STATUS_BITS: dict[str, int] = {"SNAT": 16, "DNAT": 32}
# include/uapi/linux/if_packet.h; OTHERHOST never reaches an IP hook.
PACKET_TYPES: dict[str, int] = {"unicast": 0, "broadcast": 1, "multicast": 2, "other": 3}
ETHERTYPES = {"ip": 0x0800, "arp": 0x0806, "ip6": 0x86DD, "vlan": 0x8100}
PROTOCOLS = {"icmp": 1, "igmp": 2, "tcp": 6, "udp": 17, "ipv6-icmp": 58, "icmpv6": 58}
