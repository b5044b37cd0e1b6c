"""A program in the kernel, which no packet filter lists, drops the guest's exchange: XDP, tc, or systemd's filter.

What it does
    Looks on the way of the DISCOVER and of the OFFER for XDP programs, for filters of tc that run a program or drop,
    and for a server whose unit systemd filters (IPAddressDeny=). What such a program does with a frame cannot be read
    from outside: with nothing but the facts it is unknown. A probe that nobody answers, where everything else lets the
    packets pass, makes it likely; a trace that sees the packet die there proves it; an answer clears it.

Why the guest fails
    XDP sees a frame before everything else of the host does, tc before the bridge, and a program on a control group
    after the packet filter, when the packet is at the server's socket already. Each can drop without a word, and no
    `iptables` or `nft` tells of it: a shield against floods (XDP), a container network's datapath (Cilium, Calico),
    a hardened dnsmasq.service.

What you see
    tcpdump on the device shows nothing where XDP dropped, and the packet where tc or systemd did, and the server's log
    has no DISCOVER. `ip link show dev eno1` says xdp or xdpgeneric; `tc filter show dev eno1 ingress` lists bpf;
    `systemctl show dnsmasq -p IPAddressDeny` is not empty. `bpftool net show` lists all programs on devices.

Fix
    Whoever attached it is to let UDP 67 and 68 pass. To try: ip link set dev eno1 xdp off. A unit: IPAddressAllow= with
    0.0.0.0 and the guests' prefix in a drop-in, and a restart.

Fix safety
    There is no repair: the program is somebody's firewall or network, and once taken off only its owner can attach it
    again.

References
    Linux net/core/dev.c do_xdp_generic and sch_handle_ingress, kernel/bpf/cgroup.c; systemd.resource-control(5)
    IPAddressDeny; bpftool-net(8)
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, Leg, NotApplicable, Outcome, Unknown
from pxedoctor.model.bridge import Bridge
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan
from pxedoctor.road.exchange import road_of
from pxedoctor.road.hop import Fate, RoadHop
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.probed import heard_offers, named, unanswered
from pxedoctor.road.tree import bridge_behind

if TYPE_CHECKING:
    from pxedoctor.road.life import Death

META = Meta(
    code="NF019",
    name="bpf-or-cgroup-filter",
    stage=Stage.FILTER,
    needs=("links", "bridges", "traffic_control", "processes"),
    consults=("sockets", "networks", "netfilter"),
    fix="never",
)
_EXCHANGE = (PacketName.DISCOVER, PacketName.OFFER_BROADCAST)


class Attached(msgspec.Struct, frozen=True, kw_only=True):
    """A program on the way. `device`: a device's name, or the server's."""

    hop: Hop
    device: str
    what: str
    evidence: Evidence
    leg: Leg = Leg.ASKING


def check(facts: Facts, target: Target) -> Outcome:
    bridge = bridge_behind(facts.host, target)
    if not isinstance(bridge, Bridge):
        return bridge
    roads = [road for name in _EXCHANGE if (road := road_of(facts, target, name)) is not None]
    doubts = [(road.packet.leg, hop) for road in roads for hop in road.hops if hop.predicted is Fate.UNKNOWN]
    found = [msgspec.structs.replace(entry, leg=leg) for leg, hop in doubts for entry in _at(facts.host, hop)]
    if not found:
        return Fine("no program of XDP, tc or systemd's is on the way of the guest's exchange")
    if any(road.fate is Fate.DROP for road in roads):
        return NotApplicable("its exchange ends on this host for another cause")
    return _judged(facts, target, found, alone=len(found) == len(doubts))


def _at(host: Host, hop: RoadHop) -> Iterator[Attached]:
    """What makes this hop one of which nobody can tell; nothing where something else does."""
    if hop.hop is Hop.INGRESS and (link := host.link(hop.device)) is not None and link.xdp and "XDP" in hop.why:
        text = f"an XDP program is attached to {link.name}"
        where = Evidence(text, f"ip -j -d -s -s address show: {link.name}, xdp")
        yield Attached(hop=hop.hop, device=link.name, what=f"An XDP program on {link.name}", evidence=where)
    elif hop.hop in {Hop.INGRESS, Hop.EGRESS}:
        for entry in () if isinstance(host.traffic_control, Missing) else host.traffic_control:
            if entry.device == hop.device and entry.ingress is (hop.hop is Hop.INGRESS) and entry.origin in hop.why:
                where = Evidence(f"a filter of tc acts on what passes {entry.device}", entry.origin, entry.filters)
                yield Attached(
                    hop=hop.hop, device=entry.device, what=f"A filter of tc on {entry.device}", evidence=where
                )
    elif hop.hop is Hop.SERVER:
        for process in () if isinstance(host.processes, Missing) else host.processes:
            if process.filtered and process.filtered in hop.why:
                unit = process.filtered.rpartition(" of ")[2]
                where = Evidence(f"systemd filters the traffic of {unit}", f"systemctl show {unit}", process.filtered)
                yield Attached(hop=hop.hop, device=hop.device, what=f"systemd's filter of {unit}", evidence=where)


def _judged(facts: Facts, target: Target, found: list[Attached], alone: bool) -> Outcome:
    end = _end(facts, target)
    died = next((e for e in found if end is not None and (e.hop, e.device) == (end.hop, end.device)), None)
    if died is not None and end is not None and end.certain:
        text = f"a trace saw a {end.kind} die there: {end.words}"
        return _broken(died, (Evidence(text, f"a trace ({', '.join(end.witnesses)})", end.reason),), proven=True)
    shared = next((entry for entry in found if entry.device != target.tap), None)
    heard = next(iter(heard_offers(facts, target)), None)
    if shared is not None and heard is not None:
        return Fine(f"{shared.what} let a probe's question and its answer pass: {heard.offer.server} answered")
    silent = unanswered(facts, target)
    if shared is not None and silent is not None and alone:
        text = "a probe asked until it gave up, and nobody answered; all else on the way lets the packets pass"
        return _broken(shared, (Evidence(text, named(silent)),), proven=False)
    first = found[0]
    return Unknown(
        missing=f"what becomes of the guest's packets there: {first.evidence.text}",
        would_help="pxedoctor probe asks past it (not at the tap of a guest that runs); bpftool net show lists it",
        on_road=True,
    )


def _end(facts: Facts, target: Target) -> "Death | None":
    """Where a trace saw the first lost packet end."""
    if not facts.traces:
        return None
    from pxedoctor.road.traced_road import lives

    return lives(facts, target)[1]


def _broken(at: Attached, seen: tuple[Evidence, ...], proven: bool) -> Broken:
    does = "drops the guest's packets" if proven else "is in the way, and a probe's questions brought no answer"
    return Broken(
        headline=f"{at.what} {does}.",
        subject=at.device,
        scope="host",
        hop=at.hop,
        leg=at.leg,
        certainty="proven" if proven else "likely",
        evidence=(at.evidence, *seen),
    )


def plan(finding: Finding, facts: Facts) -> NoPlan:
    device = finding.broken.subject
    return NoPlan(
        "it is somebody's firewall or network, and only its owner can attach it again",
        (
            f"whose it is: bpftool net show dev {device}; tc filter show dev {device} ingress; systemctl show -p "
            "IPAddressDeny,IPAddressAllow UNIT",
            f"to try without an XDP program: ip link set dev {device} xdp off",
        ),
    )
