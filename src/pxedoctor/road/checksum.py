"""Who, if anybody, fills the UDP sum of a DHCP reply that this host sends out through a bridge.

A reply of a UDP socket leaves with its sum open (CHECKSUM_PARTIAL), and a bridge and the tap of an operating system's
virtio driver both say that they take such packets. In the road's order these fill it all the same:

1. a CHECKSUM rule in the mangle table (xt_CHECKSUM), libvirt's own included;
2. a csum action of tc on the way out of the bridge or of the tap (act_csum): libvirt's nftables backend since 10.10;
3. the kernel itself, where the bridge or the tap does not take open sums (net/core/dev.c, skb_checksum_help).

A raw-socket server (ISC dhcpd, Kea by default) writes valid sums itself and never comes into question.
"""

import re

import msgspec

from pxedoctor.findings.outcome import Evidence
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.traffic_control import Offload, TcText
from pxedoctor.netfilter.ruleset import Ruleset, understood
from pxedoctor.netfilter.seen import Packet
from pxedoctor.road.mangle import Sum, reply_sum
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.packets import Parties, packet

_WOULD_TELL = "catch a reply on the guest's tap: tcpdump -vv -i TAP udp port 68 says whether its sum is correct"
_FEATURE = "tx-checksum-ip-generic"
_UDP_ACTION = r"\bcsum \([^)]*\budp\b[^)]*\)"
_MATCH = r"match ([0-9a-f]+/[0-9a-f]+ at \S+)"
# `match ip dport 68 ffff`, for a header without options and wherever it ends (tc-u32(8)).
_DPORT_68 = frozenset({"00000044/0000ffff at 20", "00000044/0000ffff at nexthdr+0"})


class Filled(msgspec.Struct, frozen=True):
    """The sum is filled, by this."""

    by: Evidence


class Unfilled(msgspec.Struct, frozen=True):
    """Nobody fills it: where it was looked."""

    looked: tuple[Evidence, ...]


class Unsure(msgspec.Struct, frozen=True):
    """Something may fill it that pxedoctor cannot evaluate."""

    why: str
    would_help: str


def reply_filled(host: Host, bridge: str, tap: Offload) -> Filled | Unfilled | Unsure:
    """A missing fact makes the answer Unsure, unless something else fills the sum for certain."""
    answers = (_by_device(host, bridge, tap), _by_filter(host, bridge, tap.device), _by_rule(host, bridge))
    for kind in (Filled, Unsure):
        for answer in answers:
            if isinstance(answer, kind):
                return answer
    return Unfilled(tuple(seen for answer in answers if isinstance(answer, Unfilled) for seen in answer.looked))


def feature(offload: Offload, text: str) -> Evidence:
    return Evidence(text, offload.origin, f"{_FEATURE}: {'on' if offload.takes_partial_sums else 'off'}")


def _by_device(host: Host, bridge: str, tap: Offload) -> Filled | Unfilled | Unsure:
    if isinstance(host.offloads, Missing):
        return Unsure(host.offloads.why, host.offloads.would_help)
    for offload in (tap, *(entry for entry in host.offloads if entry.device == bridge)):
        if not offload.takes_partial_sums:
            return Filled(feature(offload, f"{offload.device} takes no open sums: the kernel fills them before"))
    return Unfilled(())


def _by_filter(host: Host, bridge: str, tap: str) -> Filled | Unfilled | Unsure:
    filters = host.traffic_control
    if isinstance(filters, Missing):
        # Without tc nobody has set such a filter here; any other reason leaves it open.
        absent = filters.status == "absent"
        return Unfilled((Evidence(filters.why, "tc"),)) if absent else Unsure(filters.why, filters.would_help)
    doubtful: TcText | None = None
    for entry in filters:
        if entry.device not in {bridge, tap} or entry.ingress:
            continue
        blocks = [block for block in re.split(r"(?m)^filter ", entry.filters) if re.search(_UDP_ACTION, block)]
        if any(_for_replies(block) for block in blocks):
            return Filled(Evidence(f"tc fills sums on the way out of {entry.device}", entry.origin, "action csum udp"))
        doubtful = entry if blocks else doubtful
    if doubtful is not None:
        return Unsure(f"whether the csum filter of `{doubtful.origin}` takes DHCP replies", _WOULD_TELL)
    return Unfilled((Evidence(f"no csum filter of tc on {bridge} or {tap}", "tc -j qdisc show"),))


def _for_replies(block: str) -> bool:
    matches = frozenset(re.findall(_MATCH, block))
    return "matchall" in block or (bool(matches) and matches <= _DPORT_68)


def _by_rule(host: Host, bridge: str) -> Filled | Unfilled | Unsure:
    if isinstance(host.netfilter, Missing):
        return Unsure(host.netfilter.why, host.netfilter.would_help)
    rules = understood(host.netfilter)
    answer = _of_all_replies(host, bridge, rules)
    if answer is not None:
        return answer
    saved = [table.origin for table in rules.tables if table.family == "ip" and table.dialect == "iptables"]
    unread = _unread(rules, bool(saved))
    if unread is not None:
        return unread
    looked = ", ".join(dict.fromkeys(saved)) or "no iptables table exists"
    return Unfilled((Evidence(f"no CHECKSUM rule takes UDP to port 68 that leaves through {bridge}", looked),))


def _unread(rules: Ruleset, saved: bool) -> Unsure | None:
    """What may hold a CHECKSUM rule and was not read. nft cannot write one, so a native table never holds one."""
    for entry in rules.unlisted:
        if entry.family == "ip" or (entry.family == "" and not saved):
            return Unsure(entry.why, entry.would_help)
    return None


def _of_all_replies(host: Host, bridge: str, rules: Ruleset) -> Filled | Unsure | None:
    """Filled where every reply's sum is; None where no reply's is."""
    walked = [reply_sum(rules, bridge, packet) for packet in _replies(host, bridge)]
    if all(found.sum is Sum.FILLED for found in walked):
        origin = next(table.origin for table in rules.tables if (table.family, table.name) == ("ip", "mangle"))
        return Filled(Evidence("a CHECKSUM rule fills the sum", origin, walked[0].rule))
    doubtful = next((found for found in walked if found.sum is not Sum.LEFT), None)
    if doubtful is None:
        return None
    why = doubtful.why or f"it takes some replies and not all: {doubtful.rule}"
    return Unsure(f"whether a CHECKSUM rule takes the DHCP replies on {bridge}: {why}", _WOULD_TELL)


def _replies(host: Host, bridge: str) -> tuple[Packet, ...]:
    """To everybody, for a client that asks for that, and to the address on offer (RFC 2131 section 4.1)."""
    network = None if isinstance(host.networks, Missing) else host.network_on(bridge)
    subnets = [subnet for subnet in (network.subnets if network else ()) if subnet.family == "ipv4"]
    link = host.link(bridge)
    own = [subnet.address for subnet in subnets if subnet.serves_dhcp]
    own += [entry.address for entry in (link.addresses if link else ()) if entry.family == "inet"]
    offered = [first for subnet in subnets for first, _ in subnet.ranges]
    server = own[0] if own else None
    unicast = (packet(PacketName.OFFER_UNICAST, Parties(server=server, guest=address)) for address in offered)
    return (packet(PacketName.OFFER_BROADCAST, Parties(server=server)), *unicast)
