"""A device between guest and server takes smaller packets than the boot file comes in, and the bridge drops them.

What it does
    Compares what the guest's client is sent (a TFTP block and its headers, or full packets) with the MTU of its tap,
    or the one that its definition gives it, and with those of the bridge's ways to a server outside. A packet that a
    probe lost decides: its server agreed to large blocks, and none of them came, though the small agreement did.

Why the guest fails
    A bridge does not break packets up, and sends no word back: what is larger than the MTU of the port that it is to
    leave through is gone (4 bytes more are let out, for a VLAN's tag). DHCP's messages are small, so the guest gets its
    address; the first block of its boot file is the first large packet, and it never comes. HTTP stalls at its first
    full segment, because both ends announce the MTU of their own NIC.

What you see
    The address is there, then "tftp: timed out" (PXE-E32, ipxe.org/4c126035) or a download that stands still. tcpdump
    at the server shows the same block sent again and again; on the guest's tap it is not there. `ip link` shows an mtu
    below 1500: a tunnel, a VPN, <mtu size> in the domain's XML, a bridge whose own MTU somebody has pinned.

Fix
    The same MTU along the way. A tap smaller than what comes to it: ip link set dev vnet0 mtu 1500, and <mtu
    size='1500'/> in the domain's definition. A tunnel cannot grow above what carries it: there the guests and the
    server must be smaller.

Fix safety
    SAFE for a tap and its definition: nothing that comes through now is lost. RISKY for a way out of the host: what
    lies behind it may carry no more. For good only where a file sets the small MTU, in that file; else the plan says
    that none does.

References
    Linux net/bridge/br_forward.c br_dev_queue_push_xmit, net/core/dev.c is_skb_forwardable, net/bridge/br_if.c
    br_mtu_auto_adjust; RFC 2348; libvirt formatdomain <mtu>; corpus of reports: ipxe/ipxe#288,
    FOGProject/fogproject#455
"""

from typing import TypeGuard

import msgspec

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, Leg, Outcome
from pxedoctor.model.bridge import Bridge
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Domain, Nic
from pxedoctor.model.link import Link
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.mtu import LEAST, SetMtu
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.road.exchange import road_of
from pxedoctor.road.hop import Fate
from pxedoctor.road.lost import Fetched, Lost, large_packet
from pxedoctor.road.narrow import SLACK, USUAL, Narrow, largest_sent, narrow_places, nic_of, wanted
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.tree import bridge_behind

META = Meta(
    code="TP006",
    name="mtu-mismatch",
    stage=Stage.PORT,
    needs=("links", "bridges"),
    consults=("domains", "networks", "processes", "network_files"),
    fix="sometimes",
    explains=("tftp-block-size-too-large",),
)

# Their MTU is what carries them less a header: it does not grow by itself.
_TUNNELS = frozenset({"vxlan", "geneve", "gretap", "ip6gretap", "l2tpeth", "bareudp"})


def check(facts: Facts, target: Target) -> Outcome:
    bridge = bridge_behind(facts.host, target)
    if not isinstance(bridge, Bridge):
        return bridge
    want = wanted(target.client)
    seen = large_packet(facts, target)
    if isinstance(seen, Lost) and _answers_are_dropped(facts, target):
        seen = None
    size = max(want.size, seen.size) if isinstance(seen, Lost) else want.size
    places = narrow_places(facts.host, bridge, target, size)
    if not want.surely and not isinstance(seen, Lost):
        places = tuple(place for place in places if not _is_known_to_guest(facts.host, target, place))
    if isinstance(seen, Fetched):
        # A probe's tap has the bridge's MTU: it refutes a narrow way out, and says nothing about the guest's own tap.
        places = tuple(place for place in places if not place.outside or place.mtu + SLACK >= seen.size)
    if not places:
        return Fine(f"no device between {bridge.name}'s guests and their server is smaller than {size} bytes")
    place = places[0]
    if place.outside and isinstance(seen, Lost):
        return _broken(facts.host, bridge, target, place, _proof(place, seen))
    ground = Evidence(f"it is sent {want.words}: packets of {place.needed} bytes", target.client_why or "usual")
    return _broken(facts.host, bridge, target, place, ground, kills=want.surely and not place.outside)


def _answers_are_dropped(facts: Facts, target: Target) -> bool:
    """No block is sent where the guest's own answer to the agreement dies on this host."""
    road = road_of(facts, target, PacketName.TFTP_ACK)
    return road is not None and road.fate is Fate.DROP


def _is_known_to_guest(host: Host, target: Target, place: Narrow) -> bool:
    """<mtu size> is told to the guest's driver (VIRTIO_NET_F_MTU), and TCP announces no more. TFTP's blocks stay."""
    found = nic_of(host, target)
    return not place.outside and found is not None and found[1].mtu == place.mtu


def _proof(place: Narrow, seen: Lost) -> Evidence:
    return msgspec.structs.replace(seen.evidence, text=f"{seen.evidence.text}: a packet of {place.needed} bytes")


def _broken(host: Host, bridge: Bridge, target: Target, place: Narrow, ground: Evidence, kills: bool = True) -> Broken:
    name = place.device or f"the tap of {target.guest}"
    sends = f"{place.sender} sends" if kills or not place.outside else "a server beyond may send"
    return Broken(
        headline=f"{name} takes packets of {place.mtu} bytes, and {sends} up to {place.needed}: those are lost there.",
        subject=place.device or target.id,
        scope="bridge" if place.outside else "guest",
        hop=Hop.UPLINK if place.outside else Hop.EXIT,
        leg=Leg.FETCH,
        severity="broken" if kills else "risk",
        certainty="likely" if place.outside and not kills else "proven",
        evidence=(_of_device(host, target, place), *_of_bridge(host, bridge, place), ground),
    )


def _of_device(host: Host, target: Target, place: Narrow) -> Evidence:
    if place.device:
        return Evidence(f"MTU of {place.device}", f"ip link show dev {place.device}", str(place.mtu))
    found = nic_of(host, target)
    if found is not None and found[1].mtu == place.mtu:
        return Evidence("the MTU that its definition gives its tap", f"{found[0].origin}: mtu", str(place.mtu))
    bridge = target.bridge or ""
    return Evidence(f"the MTU that a new tap gets from {bridge}", f"ip link show dev {bridge}", str(place.mtu))


def _of_bridge(host: Host, bridge: Bridge, place: Narrow) -> tuple[Evidence, ...]:
    own = host.link(bridge.name)
    if place.outside or own is None:
        return ()
    return (Evidence(f"MTU of {bridge.name}", f"ip link show dev {bridge.name}", str(own.mtu)),)


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.guest import SetNicMtu

    target, host = finding.first, facts.host
    bridge = host.bridge(target.bridge or "") if target is not None else None
    if target is None or bridge is None:
        return NoPlan("the bridge is not there any more")
    if finding.broken.scope == "bridge":
        return _widen_way_out(host, finding.broken.subject)
    own = host.link(bridge.name)
    # What a server outside sends may be more than the bridge's own MTU, which is about this host's packets alone.
    mtu = max(own.mtu if own is not None else USUAL, LEAST, min(largest_sent(host, bridge) or LEAST, USUAL))
    live = (SetMtu(device=target.tap, mtu=mtu),) if target.tap and host.link(target.tap) is not None else ()
    found = nic_of(host, target)
    lasting = (SetNicMtu(domain=found[0].name, mac=found[1].mac, mtu=mtu),) if _is_defined_small(found, mtu) else ()
    if not live and not lasting:
        return _nothing_to_set(bridge, own, found, mtu)
    less = f"Instead, where {finding.broken.subject} is meant to be small: mtu {_least(finding)} on {bridge.name} too."
    return Plan(steps=(*live, *lasting), other_ways=(less,))


def _nothing_to_set(bridge: Bridge, own: Link | None, found: tuple[Domain, Nic] | None, mtu: int) -> NoPlan:
    """For a guest that is off: what makes its tap small, and is not its own definition, or not one to edit."""
    if found is not None and found[1].mtu is not None:
        return NoPlan("the guest's definition says so, and it cannot be edited: the guest is transient")
    name, given = bridge.name, own.mtu if own is not None else "?"
    return NoPlan(
        f"{name} itself has the MTU {given}, and gives it to the tap that the guest gets at its start",
        (f"where nothing on {name} needs it so small: ip link set dev {name} mtu {mtu}, and for good there",),
    )


def _least(finding: Finding) -> str:
    return finding.broken.evidence[0].value


def _is_defined_small(found: tuple[Domain, Nic] | None, mtu: int) -> TypeGuard[tuple[Domain, Nic]]:
    """Whether the definition would make the tap small again at the guest's next start."""
    if found is None or not found[0].persistent:
        return False
    nics = (nic for nic in (found[0].defined_nics or found[0].nics) if nic.mac == found[1].mac)
    return any(nic.mtu is not None and nic.mtu < mtu for nic in nics)


def _widen_way_out(host: Host, device: str) -> Plan | NoPlan:
    """From the lowest device upwards: one that sits on another cannot be larger than that."""
    from pxedoctor.plans.devices.wish import Mtu
    from pxedoctor.plans.lasting_device import lasting_device

    stack: list[Link] = []
    link = host.link(device)
    while link is not None and link not in stack:
        stack.insert(0, link)
        link = host.link(link.lower) if link.lower else None
    tunnel = next((entry for entry in stack if entry.kind in _TUNNELS), None)
    smaller = (
        f"smaller blocks from the server (dnsmasq --tftp-mtu={stack[-1].mtu if stack else LEAST}), and the same MTU"
    )
    if not stack or tunnel is not None:
        what = f"{device} is a tunnel: its MTU is that of what carries it, less a header" if tunnel else f"no {device}"
        return NoPlan(what, (f"{smaller} in the guests",))
    lose = f"What lies behind {device} may carry no more; then larger packets of this host are lost there."
    narrow = [entry.name for entry in stack if entry.mtu < USUAL]
    live = tuple(SetMtu(device=name, mtu=USUAL, safety=Safety.RISKY, may_lose=lose) for name in narrow)
    more = [lasting_device(host, Mtu(name, USUAL), Safety.RISKY, lose) for name in narrow]
    lasting = tuple(step for entry in more for step in entry.steps)
    # Where one of them is set in a file, the others follow it.
    words = () if lasting else tuple(dict.fromkeys(word for entry in more for word in entry.words))
    return Plan(steps=(*live, *lasting), other_ways=(*words, f"Instead: {smaller}."))
