"""The packet whose fate is asked for, as the filter sees it: nothing in it is guessed, None is "not known"."""

import msgspec


class Packet(msgspec.Struct, frozen=True, kw_only=True):
    """One IPv4 packet at one hook. Devices are "" where the hook has none; addresses are dotted quads.

    `state` is conntrack's word (NEW, ESTABLISHED, RELATED, INVALID, UNTRACKED); `link_type` is skb->pkt_type as
    iptables-extensions(8) pkttype names it (unicast, broadcast, multicast).
    """

    in_device: str
    protocol: str
    source: str
    destination: str
    source_port: int | None = None
    destination_port: int | None = None
    out_device: str = ""
    state: str | None = None
    link_type: str | None = None


def discover(bridge: str, state: str | None) -> Packet:
    """A DHCPDISCOVER as it comes up from a bridge (RFC 2131 section 4.1).

    conntrack's state of it is NEW, and stays so when it is sent again: the server's answer is no reply to
    255.255.255.255 (seen on 6.18).
    """
    return Packet(
        in_device=bridge,
        protocol="udp",
        source="0.0.0.0",
        destination="255.255.255.255",
        source_port=68,
        destination_port=67,
        state=state,
        link_type="broadcast",
    )
