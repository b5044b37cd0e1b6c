"""Names that nft prints for values, by datatype (`nft describe`; nftables src/datatype.c, src/proto.c)."""

# `ether type`, `meta protocol`, `vlan type`
ETHERTYPES: dict[str, int] = {
    "ip": 0x0800,
    "arp": 0x0806,
    "ip6": 0x86DD,
    "8021q": 0x8100,
    "vlan": 0x8100,
    "8021ad": 0x88A8,
}

# `meta l4proto`, `ip protocol`, `ip6 nexthdr`: names of /etc/protocols, as everybody's has them
PROTOCOLS: dict[str, int] = {
    "ip": 0,
    "hopopt": 0,
    "icmp": 1,
    "igmp": 2,
    "ipencap": 4,
    "tcp": 6,
    "udp": 17,
    "dccp": 33,
    "ipv6": 41,
    "ipv6-route": 43,
    "ipv6-frag": 44,
    "gre": 47,
    "esp": 50,
    "ah": 51,
    "icmpv6": 58,
    "ipv6-icmp": 58,
    "ipv6-nonxt": 59,
    "ipv6-opts": 60,
    "ospf": 89,
    "ipip": 94,
    "etherip": 97,
    "pim": 103,
    "comp": 108,
    "ipcomp": 108,
    "vrrp": 112,
    "l2tp": 115,
    "sctp": 132,
    "mobility-header": 135,
    "udplite": 136,
}

# `meta nfproto`
FAMILIES: dict[str, int] = {
    "ipv4": 2,
    "ipv6": 10,
}

# `meta pkttype`
PACKET_TYPES: dict[str, int] = {
    "host": 0,
    "unicast": 0,
    "broadcast": 1,
    "multicast": 2,
    "other": 3,
}

# `ct direction`
DIRECTIONS: dict[str, int] = {
    "original": 0,
    "reply": 1,
}

# `ct status`
CT_STATUS: dict[str, int] = {
    "expected": 1,
    "seen-reply": 2,
    "assured": 4,
    "confirmed": 8,
    "snat": 16,
    "dnat": 32,
    "dying": 512,
}

# `tcp flags`
TCP_FLAGS: dict[str, int] = {
    "fin": 1,
    "syn": 2,
    "rst": 4,
    "psh": 8,
    "ack": 16,
    "urg": 32,
    "ecn": 64,
    "cwr": 128,
}

# `arp operation`
ARP_OPERATIONS: dict[str, int] = {
    "request": 1,
    "reply": 2,
    "rrequest": 3,
    "rreply": 4,
    "inrequest": 8,
    "inreply": 9,
    "nak": 10,
}

# `icmp type`
ICMP_TYPES: dict[str, int] = {
    "echo-reply": 0,
    "destination-unreachable": 3,
    "source-quench": 4,
    "redirect": 5,
    "echo-request": 8,
    "router-advertisement": 9,
    "router-solicitation": 10,
    "time-exceeded": 11,
    "parameter-problem": 12,
    "timestamp-request": 13,
    "timestamp-reply": 14,
    "info-request": 15,
    "info-reply": 16,
    "address-mask-request": 17,
    "address-mask-reply": 18,
}

# `icmp code`
ICMP_CODES: dict[str, int] = {
    "net-unreachable": 0,
    "host-unreachable": 1,
    "prot-unreachable": 2,
    "port-unreachable": 3,
    "frag-needed": 4,
    "net-prohibited": 9,
    "host-prohibited": 10,
    "admin-prohibited": 13,
}

# `icmpv6 type`
ICMPV6_TYPES: dict[str, int] = {
    "destination-unreachable": 1,
    "packet-too-big": 2,
    "time-exceeded": 3,
    "parameter-problem": 4,
    "echo-request": 128,
    "echo-reply": 129,
    "mld-listener-query": 130,
    "mld-listener-report": 131,
    "mld-listener-done": 132,
    "mld-listener-reduction": 132,
    "nd-router-solicit": 133,
    "nd-router-advert": 134,
    "nd-neighbor-solicit": 135,
    "nd-neighbor-advert": 136,
    "nd-redirect": 137,
    "router-renumbering": 138,
    "ind-neighbor-solicit": 141,
    "ind-neighbor-advert": 142,
    "mld2-listener-report": 143,
}

# `icmpv6 code`
ICMPV6_CODES: dict[str, int] = {
    "no-route": 0,
    "admin-prohibited": 1,
    "addr-unreachable": 3,
    "port-unreachable": 4,
    "policy-fail": 5,
    "reject-route": 6,
}
