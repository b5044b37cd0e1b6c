"""Where in the kernel a packet was given up, in words, and why: functions to hops, and the kernel's reasons explained.

The place comes before the reason: a broadcast that nobody listens to is given up with NOT_SPECIFIED, and older kernels
know fewer reasons, or none (before 5.17; from 5.12 to 6.1 they name no place either). Functions are those of Linux
4.18 to 6.18; what a compiler makes of one (`.isra.0`, `.constprop.0`) and the offset in it are taken off. What is not
in the table is told as it stands.

Sources, under the kernel's net/: bridge/br_input.c, br_forward.c, br_device.c, br_netfilter_hooks.c; netfilter/core.c,
nf_tables_core.c; bridge/netfilter/ebtables.c; ipv4/ip_input.c, route.c, udp.c, ip_output.c, arp.c; ipv6/ip6_input.c;
core/dev.c, core/neighbour.c, packet/af_packet.c; and drivers/net/tun.c, veth.c. Reasons: include/net/dropreason-core.h.
"""

import re

import msgspec

from pxedoctor.findings.outcome import Hop

_AFFIX = r"(\.(isra|constprop|part|cold|llvm)\.?\w*)*(\+0x[\da-f]+(/0x[\da-f]+)?)?( \[\w+\])?$"

# What stands for an address (lib/vsprintf.c, ptr_to_id): kernels without %pS tell no function (trace/drop_format.py).
_HASHED = r"[\da-f]{8,16}|\(_*ptrval_*\)"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """`hop` None: netfilter, which is at many places; where the packet was seen last says at which."""

    hop: Hop | None
    words: str


_PORT = Place(hop=Hop.PORT, words="the bridge does not take it in at this port")
# A port's VLAN is asked in br_vlan.c; br_pass_frame_up, which asks the bridge's own, is a part of this on some kernels.
_ADMISSION = Place(
    hop=Hop.ADMISSION,
    words="the bridge takes it no further: its port is learning or locked, or the bridge itself is not in its VLAN",
)
# Both are given up there over VLANs alone (net/bridge/br_vlan.c, br_input.c br_pass_frame_up).
_NOT_IN_VLAN = Place(hop=Hop.ADMISSION, words="the bridge does not admit it: its port is in no VLAN, or not in this")
_UP_NOT_IN_VLAN = Place(hop=Hop.BRIDGE, words="the bridge does not hand it to the host, which is not in its VLAN")
_EXIT = Place(hop=Hop.EXIT, words="the bridge does not let it out of this port")
A_RULE = "a rule of the packet filter drops it"
_NETFILTER = Place(hop=None, words=A_RULE)
_ROUTE = Place(hop=Hop.ROUTE, words="the host's routing does not take it")
_SOCKET = Place(hop=Hop.SERVER, words="no program takes it: nobody listens on its port")
_UDP_QUEUE = Place(hop=Hop.SERVER, words="the socket that it is for does not take it")
_UDP_READ = Place(hop=Hop.SERVER, words="its UDP sum is wrong, or the program that reads it could not take it")
_TAP = Place(hop=Hop.DELIVERY, words="the guest's tap does not take it")
_EGRESS = Place(hop=Hop.EGRESS, words="it is not sent out of this device")
_NEIGHBOUR = Place(hop=Hop.POSTROUTING, words="nobody answers for its address (ARP, neighbor discovery)")
_INGRESS = Place(hop=Hop.INGRESS, words="it is stopped as soon as it comes in")

PLACES: dict[str, Place] = {
    "br_handle_frame": _PORT,
    "br_handle_frame_finish": _ADMISSION,
    "br_handle_ingress_vlan_tunnel": _ADMISSION,
    "__allowed_ingress": _NOT_IN_VLAN,
    "br_allowed_ingress": _NOT_IN_VLAN,
    "br_do_proxy_suppress_arp": _ADMISSION,
    "br_forward": _EXIT,
    "__br_forward": _EXIT,
    "br_flood": _EXIT,
    "br_multicast_flood": _EXIT,
    "br_dev_queue_push_xmit": _EXIT,
    "br_handle_vlan": _EXIT,
    "br_pass_frame_up": _UP_NOT_IN_VLAN,
    "br_dev_xmit": _EGRESS,
    "br_nf_pre_routing_finish": Place(hop=Hop.PREROUTING, words="br_netfilter finds no way for it"),
    "br_validate_ipv4": Place(hop=Hop.BRIDGE_PREROUTING, words="its IP header is not good"),
    "nf_hook_slow": _NETFILTER,
    "nft_do_chain": _NETFILTER,
    "nf_hook_slow_list": _NETFILTER,
    "ebt_do_table": _NETFILTER,
    "ipt_do_table": _NETFILTER,
    "nf_reinject": _NETFILTER,
    "nf_queue": Place(hop=None, words="a rule hands it to a program (NFQUEUE), and none takes it"),
    "ip_rcv": _INGRESS,
    "ip_rcv_core": Place(hop=Hop.PREROUTING, words="its IP header is not good"),
    "ip_rcv_finish_core": _ROUTE,
    "ip_rcv_finish": _ROUTE,
    "ip_route_input_slow": _ROUTE,
    "ip_error": _ROUTE,
    "ip_forward": Place(hop=Hop.FORWARD, words="the host does not forward it"),
    "ip6_rcv_core": Place(hop=Hop.PREROUTING, words="its IPv6 header is not good"),
    "ip6_forward": Place(hop=Hop.FORWARD, words="the host does not forward it"),
    "ip6_mc_input": Place(hop=Hop.ROUTE, words="no program of this host listens to this group"),
    "ip_local_deliver_finish": _SOCKET,
    "ip_protocol_deliver_rcu": _SOCKET,
    "__udp4_lib_rcv": _SOCKET,
    "__udp4_lib_mcast_deliver": _SOCKET,
    "__udp6_lib_rcv": _SOCKET,
    "__udp6_lib_mcast_deliver": _SOCKET,
    # With their programs' reading, which is when a sum is looked at (csum_copy_err; Linux 5.10).
    "udp_recvmsg": _UDP_READ,
    "udpv6_recvmsg": _UDP_READ,
    "__first_packet_length": _UDP_READ,
    "udp_queue_rcv_one_skb": _UDP_QUEUE,
    "udpv6_queue_rcv_one_skb": _UDP_QUEUE,
    "__udp_queue_rcv_skb": _UDP_QUEUE,
    "__udp_enqueue_schedule_skb": _UDP_QUEUE,
    "sk_filter_trim_cap": _UDP_QUEUE,
    "tcp_v4_rcv": _SOCKET,
    "tun_net_xmit": _TAP,
    "veth_xmit": Place(hop=Hop.UPLINK, words="the other end of the pair does not take it"),
    "__dev_queue_xmit": _EGRESS,
    "__dev_xmit_skb": _EGRESS,
    "sch_direct_xmit": _EGRESS,
    "validate_xmit_skb": _EGRESS,
    "tcf_action_exec": _EGRESS,
    "sch_handle_ingress": _INGRESS,
    "__netif_receive_skb_core": _INGRESS,
    "do_xdp_generic": _INGRESS,
    "enqueue_to_backlog": Place(hop=Hop.INGRESS, words="the host has no room for what comes in (netdev_max_backlog)"),
    "neigh_resolve_output": _NEIGHBOUR,
    "__neigh_event_send": _NEIGHBOUR,
    "neigh_invalidate": _NEIGHBOUR,
    "arp_error_report": _NEIGHBOUR,
    "ip_finish_output2": _NEIGHBOUR,
    "ip_output": Place(hop=Hop.OUTPUT, words="the host does not send it"),
    "packet_rcv": Place(hop=Hop.SERVER, words="a program that reads whole frames has no room for it"),
    "tpacket_rcv": Place(hop=Hop.SERVER, words="a program that reads whole frames has no room for it"),
}

# The kernel's own words for why; NOT_SPECIFIED says nothing, and is left out on purpose.
REASONS: dict[str, Place] = {
    "BRIDGE_INGRESS_STP_STATE": Place(hop=Hop.PORT, words="its port does not forward (STP)"),
    "BRIDGE_NON_FORWARDING": Place(hop=Hop.EXIT, words="the port that it would leave by does not forward"),
    "BRIDGE_NO_EGRESS_PORT": Place(hop=Hop.EXIT, words="there is no port that it may leave by"),
    "NETFILTER_DROP": _NETFILTER,
    "IP_RPFILTER": Place(hop=Hop.ROUTE, words="the reverse path filter: an answer would leave by another device"),
    "UDP_CSUM": Place(hop=Hop.SERVER, words="its UDP sum is wrong"),
    "SKB_CSUM": Place(hop=Hop.EGRESS, words="its sum cannot be filled"),
    "NO_SOCKET": _SOCKET,
    "SOCKET_FILTER": Place(hop=Hop.SERVER, words="the program's own filter does not want it"),
    "SOCKET_RCVBUFF": Place(hop=Hop.SERVER, words="the program does not read: its buffer is full"),
    "PROTO_MEM": Place(hop=Hop.SERVER, words="there is no memory for its socket"),
    "XFRM_POLICY": Place(hop=Hop.SERVER, words="IPsec's policy demands a protected packet"),
    "TC_EGRESS": Place(hop=Hop.EGRESS, words="a filter of tc drops it on the way out"),
    "TC_INGRESS": Place(hop=Hop.INGRESS, words="a filter of tc drops it on the way in"),
    "XDP": Place(hop=Hop.INGRESS, words="an XDP program drops it"),
    "QDISC_DROP": Place(hop=Hop.EGRESS, words="the queue of the device is full"),
    "FULL_RING": Place(hop=Hop.DELIVERY, words="the guest does not read its NIC: the queue is full"),
    "TAP_FILTER": Place(hop=Hop.DELIVERY, words="the guest's NIC filters it by its address"),
    "TAP_TXFILTER": Place(hop=Hop.DELIVERY, words="the guest's NIC filters it by its address"),
    "DEV_READY": Place(hop=Hop.DELIVERY, words="the device is not up, or nobody holds it"),
    "IP_INADDRERRORS": Place(hop=Hop.ROUTE, words="its destination is no address of this host, which does not forward"),
    "IP_INNOROUTES": Place(hop=Hop.ROUTE, words="there is no route for it"),
    "IP_OUTNOROUTES": Place(hop=Hop.OUTPUT, words="there is no route for it"),
    "OTHERHOST": Place(hop=Hop.ROUTE, words="it is for another MAC"),
    "NEIGH_FAILED": _NEIGHBOUR,
    "BPF_CGROUP_EGRESS": Place(hop=Hop.OUTPUT, words="a program attached to the sender's cgroup drops it"),
    "VLAN_FILTER": _NOT_IN_VLAN,
    "PKT_TOO_BIG": Place(hop=Hop.EGRESS, words="it is larger than the MTU"),
    "MAC_INVALID_SOURCE": Place(hop=Hop.PORT, words="its source MAC is none"),
    "IP_CSUM": Place(hop=Hop.PREROUTING, words="the sum of its IP header is wrong"),
}
# The reasons that say more than any place.
_TELLING = frozenset(REASONS) - {"NETFILTER_DROP", "NO_SOCKET", "NOT_SPECIFIED"}


def function_of(location: str) -> str:
    """`br_handle_frame+0xff/0x2b0` is br_handle_frame."""
    return re.sub(_AFFIX, "", location)


def place_of(location: str, reason: str) -> Place:
    """The place, with the reason's words where it says more. An unknown place has no hop and tells the function."""
    function = function_of(location)
    place = PLACES.get(function)
    known = REASONS.get(reason)
    if known is not None and reason in _TELLING:
        return Place(hop=known.hop if place is None or place.hop is None else place.hop, words=known.words)
    if place is not None:
        return place
    where = "" if re.fullmatch(_HASHED, location) else f" in {function}"
    return known or Place(hop=None, words=f"the kernel gives it up{where or ', and does not name where'}")


def is_netfilter(location: str, reason: str) -> bool:
    return reason == "NETFILTER_DROP" or PLACES.get(function_of(location)) is _NETFILTER
