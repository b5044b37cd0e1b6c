"""Where the kernel takes a packet through the court: hook after hook, and the fate that the evaluator foretells.

from a guest    ingress of the port -> bridge PREROUTING, at priority 0 of it IP PREROUTING (br_netfilter) -> copies
  to a guest    bridge FORWARD, in it IP FORWARD (br_netfilter) -> bridge POSTROUTING, at its end IP POSTROUTING
                (br_netfilter) -> egress of the port
  up            bridge INPUT -> ingress of the bridge -> IP PREROUTING, unless br_netfilter had it before -> INPUT
from the host   OUTPUT -> POSTROUTING -> egress of the bridge -> copies: bridge OUTPUT -> POSTROUTING -> egress
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from judge.frames import ARP, FIN, ICMP, ICMPV6, IPV4, IPV6, SYN, TCP, UDP, frame
from judge.layout import BRIDGE_MAC, GUESTS, HOST4, Layout, Sent, Switches
from pxedoctor.model.netfilter import Unlisted
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.hook import at_hook
from pxedoctor.netfilter.seen import CtState, Family, Hook, LinkType, Marks, Packet, Place, Seen
from pxedoctor.netfilter.syntax import NamedSet, Table
from pxedoctor.netfilter.walk import Decision, Verdict

_LOWEST, _HIGHEST = -(2**31), 2**31 - 1
_NDP = range(133, 138)
# Between these priorities of a bridge hook br_netfilter calls the IP hooks: 0 (-1 in FORWARD before 6.8).
_CALLS = {Hook.PREROUTING: (-1, 1), Hook.FORWARD: (-2, 1)}


@dataclass(frozen=True)
class Rules:
    tables: tuple[Table, ...]
    ipsets: dict[str, NamedSet] = field(default_factory=dict)
    unlisted: tuple[Unlisted, ...] = ()
    queues: frozenset[int] | None = None

    def between(self, low: int, high: int) -> "Rules":
        """Only base chains of these priorities; the chains themselves stay, so that their rules are read once."""
        if (low, high) == (_LOWEST, _HIGHEST):
            return self
        return Rules(
            tuple(
                msgspec.structs.replace(
                    table,
                    chains={n: c for n, c in table.chains.items() if not c.hook or low <= c.priority <= high},
                )
                for table in self.tables
            )
        )


class Step(msgspec.Struct, frozen=True):
    """One hook. `fresh`: the packet is another one from here on, without marks (an answer)."""

    packet: Packet
    place: Place
    window: tuple[int, int] = (_LOWEST, _HIGHEST)
    fresh: bool = False


class Way(msgspec.Struct, frozen=True):
    """`shared` steps come before the copies are made, one for each place in `copies`. `heard`: those of the copy that a
    host hears of its own broadcast, after OUTPUT and before the packet itself is at POSTROUTING."""

    shared: tuple[Step, ...]
    copies: dict[str, tuple[Step, ...]]
    heard: tuple[Step, ...] = ()


class Fate(msgspec.Struct, frozen=True):
    """`decision`: the first that decides. `drops`: all that would drop it there: at one priority nobody knows which is
    first. `doubted`: a chain before them may have dropped it. `decisions`: of all chains that were asked."""

    verdict: Verdict
    decision: Decision | None = None
    why: str = ""
    drops: tuple[Decision, ...] = ()
    doubted: bool = False
    decisions: tuple[Decision, ...] = ()


class Walker:
    """The ways of one packet through one court."""

    def __init__(self, layout: Layout, sent: Sent, switches: Switches) -> None:
        self._layout, self._sent, self._shape = layout, sent, sent.shape
        self._packet = packet(sent)
        self._ip = {IPV4: Family.IP, IPV6: Family.IP6, ARP: Family.ARP}[sent.shape.ethertype]
        self._called = {Family.IP: switches.ip, Family.IP6: switches.ip6}.get(self._ip, False)

    def way(self) -> Way:
        if not self._sent.port:
            copies = {to: tuple(self._out(to)) for to in self._to_ports()}
            return Way(tuple(self._out_shared()), copies, tuple(self._heard()))
        copies = {to: tuple(self._across(to)) for to in self._to_ports()}
        if self._for_host():
            copies["host"] = tuple(self._up())
        return Way(tuple(self._in_shared()), copies)

    @property
    def _to_all(self) -> bool:
        return int(self._shape.destination_mac[:2], 16) & 1 == 1

    def _to_ports(self) -> list[str]:
        if self._to_all:
            return [letter for letter in GUESTS if letter != self._sent.port]
        return [letter for letter, mac in GUESTS.items() if mac == self._shape.destination_mac]

    def _for_host(self) -> bool:
        if self._shape.ethertype == ARP:
            return self._shape.operation == 1 and self._shape.destination == HOST4
        return self._to_all or self._shape.destination_mac == BRIDGE_MAC

    def _in_shared(self) -> Iterable[Step]:
        port = self._layout.ports[self._sent.port]
        yield self._step(Family.NETDEV, Hook.INGRESS, port, "", self._link("other"))
        yield from self._bridged(Hook.PREROUTING, port, "")

    def _across(self, to: str) -> Iterable[Step]:
        port, out = self._layout.ports[self._sent.port], self._layout.ports[to]
        yield from self._bridged(Hook.FORWARD, port, out)
        yield self._step(Family.BRIDGE, Hook.POSTROUTING, "", out, self._link("other"))
        if self._called:
            link = self._link("unicast")
            yield self._step(self._ip, Hook.POSTROUTING, "", self._layout.bridge, link, port_in=port, port_out=out)
        yield self._step(Family.NETDEV, Hook.EGRESS, "", out, self._link("unicast" if self._called else "other"))

    def _bridged(self, hook: Hook, port: str, out: str) -> Iterable[Step]:
        """A hook of the bridge, and the IP hook that br_netfilter calls in it."""
        bridge, (low, high) = self._layout.bridge, _CALLS[hook]
        # The bridge's own MAC makes it the host's before PREROUTING (br_input.c br_handle_frame).
        link = self._link("unicast" if self._shape.destination_mac == BRIDGE_MAC else "other")
        if not self._called:
            yield self._step(Family.BRIDGE, hook, port, out, link)
            return
        yield self._step(Family.BRIDGE, hook, port, out, link, window=(_LOWEST, low))
        ip_link, ip_out = self._link("unicast"), bridge if out else ""
        yield self._step(self._ip, hook, bridge, ip_out, ip_link, port_in=port, port_out=out)
        yield self._step(Family.BRIDGE, hook, port, out, link, window=(high, _HIGHEST))

    def _up(self) -> Iterable[Step]:
        port, bridge, link = self._layout.ports[self._sent.port], self._layout.bridge, self._link("unicast")
        yield self._step(Family.BRIDGE, Hook.INPUT, port, "", link)
        yield self._step(Family.NETDEV, Hook.INGRESS, bridge, "", link)
        if self._ip is Family.ARP:
            yield self._step(Family.ARP, Hook.INPUT, bridge, "", link)
            yield from self._answer()
            return
        if not self._called:
            yield self._step(self._ip, Hook.PREROUTING, bridge, "", link)
        yield self._step(self._ip, Hook.INPUT, bridge, "", link, port_in=port if self._called else "")

    def _answer(self) -> Iterable[Step]:
        """ARP's answer goes out again: only with it the request has arrived."""
        shape = self._shape.answered(BRIDGE_MAC)
        answer = Walker(self._layout, Sent(shape, ""), Switches())
        first, *others = (*answer._out_shared(), *answer._out(self._sent.port))
        yield msgspec.structs.replace(first, fresh=True)
        yield from others

    def _out_shared(self) -> Iterable[Step]:
        bridge = self._layout.bridge
        yield self._step(self._ip, Hook.OUTPUT, "", bridge, "unicast")
        if self._ip is not Family.ARP:
            yield self._step(self._ip, Hook.POSTROUTING, "", bridge, "unicast")
        yield self._step(Family.NETDEV, Hook.EGRESS, "", bridge, "unicast")

    def _heard(self) -> Iterable[Step]:
        """net/ipv4/ip_output.c ip_mc_output."""
        if self._ip is Family.IP and self._to_all:
            bridge, link = self._layout.bridge, self._link("unicast")
            yield self._step(self._ip, Hook.POSTROUTING, "", bridge, "unicast")
            yield self._step(self._ip, Hook.PREROUTING, bridge, "", link)
            yield self._step(self._ip, Hook.INPUT, bridge, "", link)

    def _out(self, to: str) -> Iterable[Step]:
        out = self._layout.ports[to]
        yield self._step(Family.BRIDGE, Hook.OUTPUT, "", out, "unicast")
        yield self._step(Family.BRIDGE, Hook.POSTROUTING, "", out, "unicast")
        yield self._step(Family.NETDEV, Hook.EGRESS, "", out, "unicast")

    def _link(self, unicast: LinkType) -> LinkType:
        if self._to_all:
            return "broadcast" if self._shape.destination_mac.startswith("ff") else "multicast"
        return unicast

    def _step(
        self, family: Family, hook: Hook, device: str, out: str, link: LinkType,
        *, port_in: str = "", port_out: str = "", window: tuple[int, int] = (_LOWEST, _HIGHEST),
    ) -> Step:  # fmt: skip
        indexes = self._layout.indexes
        place = Place(
            family=family,
            hook=hook,
            in_device=device,
            out_device=out,
            in_index=indexes.get(device),
            out_index=indexes.get(out),
            in_group=0 if device else None,
            out_group=0 if out else None,
            port_in=port_in,
            port_out=port_out,
            bridge=self._layout.bridge if family is Family.BRIDGE else "",
        )
        return Step(msgspec.structs.replace(self._packet, link_type=link), place, window)


def packet(sent: Sent) -> Packet:
    """The packet as rules see it."""
    shape = sent.shape
    has_ports = shape.protocol in {UDP, TCP}
    is_icmp = shape.protocol in {ICMP, ICMPV6}
    length = len(frame(shape, bytes(8))) - 14
    return Packet(
        name="sent",
        ethertype=shape.ethertype,
        source=shape.source,
        destination=shape.destination,
        protocol=shape.protocol or None,
        source_port=shape.source_port if has_ports else None,
        destination_port=shape.destination_port if has_ports else None,
        icmp_type=shape.source_port if is_icmp else None,
        icmp_code=shape.destination_port if is_icmp else None,
        tcp_flags=shape.flags if shape.protocol == TCP else None,
        ttl=255 if shape.protocol == ICMPV6 else 64,
        length=length,
        mac_source=shape.source_mac,
        mac_destination=shape.destination_mac,
        arp_operation=shape.operation if shape.ethertype == ARP else None,
        state=None if shape.ethertype == ARP else _state(sent),
        direction="reply" if sent.connection == "reply" else "original",
    )


def _state(sent: Sent) -> CtState:
    shape = sent.shape
    if shape.protocol == ICMPV6 and shape.source_port in _NDP:
        return "UNTRACKED"
    if shape.protocol == TCP and shape.flags & (SYN | FIN) == SYN | FIN:
        return "INVALID"
    if shape.protocol == ICMP and shape.source_port == 0 and not sent.connection:
        # An answer to nobody's request (net/netfilter/nf_conntrack_proto_icmp.c icmp_new).
        return "INVALID"
    return "ESTABLISHED" if sent.connection in {"answered", "reply"} else "NEW"


def fates(rules: Rules, way: Way, ct_mark: int) -> dict[str, Fate]:
    """What the evaluator foretells for each copy. The copies share one entry in conntrack, so that what is written to
    it on one way may be seen on another."""
    if way.heard:
        _, before = _fate(rules, (way.shared[0],), Marks(ct_mark=ct_mark), None)
        _, heard = _fate(rules, (way.shared[0], *way.heard), Marks(ct_mark=ct_mark), None)
        if any(Field.CT_MARK in decision.written for decision in heard[len(before) :]):
            return {
                to: _fate(rules, (*way.shared, *steps), Marks(ct_mark=ct_mark), 1)[0]
                for to, steps in way.copies.items()
            }
    told = {to: _fate(rules, (*way.shared, *steps), Marks(ct_mark=ct_mark), None) for to, steps in way.copies.items()}
    written = any(Field.CT_MARK in decision.written for _, decisions in told.values() for decision in decisions)
    if len(told) == 1 or not written:
        return {to: fate for to, (fate, _) in told.items()}
    at = len(way.shared)
    return {to: _fate(rules, (*way.shared, *steps), Marks(ct_mark=ct_mark), at)[0] for to, steps in way.copies.items()}


def _fate(rules: Rules, steps: Sequence[Step], marks: Marks, forget_at: int | None) -> tuple[Fate, list[Decision]]:
    decisions: list[Decision] = []
    doubt: Fate | None = None
    for number, step in enumerate(steps):
        if step.fresh:
            marks = Marks()
        if number == forget_at:
            marks = msgspec.structs.replace(marks, ct_mark=None)
        seen = Seen(packet=step.packet, place=step.place, marks=marks)
        told = at_hook(rules.between(*step.window), seen)
        decisions += told.decisions
        marks = told.marks
        if told.verdict is Verdict.DROP:
            doubted = any(decision.verdict is Verdict.UNKNOWN for decision in decisions)
            drops = tuple(decision for decision in told.decisions if decision.verdict is Verdict.DROP)
            return Fate(Verdict.DROP, told.deciding, drops=drops, doubted=doubted), decisions
        if told.verdict is Verdict.UNKNOWN and doubt is None:
            doubt = Fate(Verdict.UNKNOWN, told.deciding, told.why)
        rewrites = (*told.rewrites, *told.may_rewrite)
        if any(rewrite.what == "destination" for rewrite in rewrites):
            return Fate(Verdict.UNKNOWN, told.deciding, "the destination is rewritten: it goes elsewhere"), decisions
    return doubt or Fate(Verdict.ACCEPT, decisions=tuple(decisions)), decisions
