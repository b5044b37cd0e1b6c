"""Which counters moved while a trace ran, and what the telling ones of them say about where a packet ended.

A counter has no name on it: it may be somebody else's packet that it counted. What it says alone is likely at best.
"""

import re

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.counted import Counted, Counter
from pxedoctor.model.traced import CounterMove, Traced, WitnessName
from pxedoctor.road.life import Death, PacketKind

# linux net/ipv4/proc.c, net/ipv6/proc.c: the counters of drops that a boot's packets can meet.
_KERNEL: dict[str, tuple[Hop, str]] = {
    "UdpInCsumErrors": (Hop.SERVER, "its UDP sum is wrong"),
    "Udp6InCsumErrors": (Hop.SERVER, "its UDP sum is wrong"),
    "UdpNoPorts": (Hop.SERVER, "nobody listens on its port"),
    "Udp6NoPorts": (Hop.SERVER, "nobody listens on its port"),
    "UdpRcvbufErrors": (Hop.SERVER, "the program does not read: its buffer is full"),
    "TcpExtIPReversePathFilter": (Hop.ROUTE, "the reverse path filter drops it"),
    "IpInHdrErrors": (Hop.PREROUTING, "its IP header is not good"),
    "IpInAddrErrors": (Hop.ROUTE, "its destination is no address of this host"),
    "IpOutNoRoutes": (Hop.OUTPUT, "there is no route for it"),
}
TX_DROPPED = "tx_dropped"
_CONNTRACK = frozenset({"drop", "early_drop", "insert_failed"})
_LINK = frozenset(
    {"rx_packets", "tx_packets", "rx_dropped", "tx_dropped", "rx_errors", "tx_errors", "tx_carrier_changes"}
)
_DROPS = r"\b(drop|reject|DROP|REJECT)\b"
_CHAINS = {
    "prerouting": Hop.PREROUTING,
    "input": Hop.INPUT,
    "forward": Hop.FORWARD,
    "output": Hop.OUTPUT,
    "postrouting": Hop.POSTROUTING,
}
_BRIDGE_CHAINS = {
    "prerouting": Hop.BRIDGE_PREROUTING,
    "input": Hop.BRIDGE_INPUT,
    "forward": Hop.BRIDGE_FORWARD,
    "output": Hop.BRIDGE_OUTPUT,
    "postrouting": Hop.BRIDGE_POSTROUTING,
}


def moves(before: Counted, after: Counted, devices: frozenset[str]) -> tuple[CounterMove, ...]:
    """Of drops those that moved; of the packets of `devices` all, because none is an answer, too."""
    found = [
        CounterMove(
            source=counter.source,
            name=counter.name,
            device=counter.device,
            origin=counter.origin,
            before=before.get(counter, 0),
            after=value,
        )
        for counter, value in after.items()
        if _tells(counter, devices) and (value != before.get(counter, 0) or counter.name.endswith("x_packets"))
    ]
    return tuple(sorted(found, key=lambda move: (move.source, move.device, move.name)))


def _tells(counter: Counter, devices: frozenset[str]) -> bool:
    match counter.source:
        case "link":
            return counter.device in devices and counter.name in _LINK
        case "tc" | "bridge-stp":
            return counter.device in devices
        case "kernel":
            return counter.name in _KERNEL
        case "conntrack":
            return counter.name in _CONNTRACK
        case _:
            return bool(re.search(_DROPS, counter.name))


def end_by_counters(traced: Traced) -> Death | None:
    """Where the counters alone say that a packet ended; never certain."""
    moved = [move for move in traced.counters if move.moved > 0]
    asked = next((m for m in traced.counters if m.device == traced.tap and m.name == "rx_packets"), None)
    if asked is not None and not asked.moved:
        words = f"no packet left the guest in {traced.seconds:.0f} s: {traced.tap} counted none"
        return _death(Hop.NIC, traced.tap or "", "DISCOVER", words)
    rule = next((move for move in moved if move.source == "rule"), None)
    if rule is not None:
        return _death(
            hop_of_chain(rule.device), traced.bridge, "DISCOVER", f"a rule of {rule.device} dropped: {rule.name}"
        )
    known = next((move for move in moved if move.source == "kernel" and move.name in _KERNEL), None)
    if known is not None:
        hop, words = _KERNEL[known.name]
        return _death(hop, traced.bridge, "DISCOVER", f"{words} ({known.name} +{known.moved})")
    full = next((move for move in moved if move.source == "conntrack"), None)
    if full is not None:
        return _death(Hop.PREROUTING, traced.bridge, "DISCOVER", f"conntrack gave packets up ({full.name})")
    ring = next((move for move in moved if move.device == traced.tap and move.name == TX_DROPPED), None)
    return None if ring is None else _death(Hop.DELIVERY, ring.device, "OFFER", does_not_read(ring))


def does_not_read(ring: CounterMove) -> str:
    """Of a tap that has counted what its queue had no room for (drivers/net/tun.c, tun_net_xmit)."""
    return f"the guest does not read its NIC: {ring.device} dropped {ring.moved} (tx_dropped)"


def rule_that_counted(traced: Traced) -> CounterMove | None:
    """The one rule that drops and has counted in these seconds; None where none has, or several."""
    moved = [move for move in traced.counters if move.source == "rule" and move.moved > 0]
    return moved[0] if len(moved) == 1 else None


def hop_of_chain(chain: str) -> Hop:
    """Of `ip filter INPUT`; a chain of another name is taken for one that its table's INPUT calls."""
    family, _, name = chain.split(" ", 2)
    places = _BRIDGE_CHAINS if family == "bridge" else _CHAINS
    found = next((hop for word, hop in places.items() if word in name.lower()), None)
    return found or places["input"]


def _death(hop: Hop, device: str, kind: PacketKind, words: str) -> Death:
    return Death(hop=hop, device=device, kind=kind, words=words, witnesses=(WitnessName.COUNTERS,), certain=False)
