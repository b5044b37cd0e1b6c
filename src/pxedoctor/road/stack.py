"""The ways of the host's own IP stack, behind the bridge as one of its devices.

    from_bridge   the bridge's own ingress -> PREROUTING, unless br_netfilter had it called before
    to_socket     -> INPUT
    through       -> FORWARD -> POSTROUTING -> another device
    back          another device -> PREROUTING -> FORWARD -> POSTROUTING, for the guests
    from_socket   OUTPUT -> POSTROUTING

What routes decide is asked of them only where it can be told. Sources: net/ipv4/ip_input.c, ip_forward.c, ip_output.c,
arp.c, fib_frontend.c; net/ipv6 likewise. Checked against the kernel by tests/road/test_way_kernel.py.
"""

import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.fact import Missing
from pxedoctor.netfilter.address import address_range
from pxedoctor.netfilter.routes import Version
from pxedoctor.netfilter.seen import Family
from pxedoctor.netfilter.seen import Hook as Nf
from pxedoctor.road import device, way
from pxedoctor.road.hop import Fate
from pxedoctor.road.journey import Journey
from pxedoctor.road.routing import Asked, asks_elsewhere

_VERSIONS = {Family.IP: "ipv4", Family.IP6: "ipv6"}
_NUMBERS: dict[Family, Version] = {Family.IP: 4, Family.IP6: 6}
# What this host sends comes in through it, to rules of policy routing (include/net/flow.h, flowi_iif).
_LOOPBACK = "lo"


def from_bridge(journey: Journey) -> None:
    scene = journey.scene
    device.inwards(journey, scene.bridge.name)
    if scene.family(journey.packet) is Family.ARP or journey.prerouted:
        return
    # Where it is not known who had PREROUTING called, it has been asked already: once it surely is.
    if journey.prerouted is False:
        place = way.ip_place(journey, Nf.PREROUTING)
        journey.hook(Hop.PREROUTING, scene.bridge.name, place)


def to_socket(journey: Journey) -> None:
    scene = journey.scene
    _rewritten(journey)
    _enabled(journey)
    place = way.ip_place(journey, Nf.INPUT)
    journey.hook(Hop.INPUT, scene.bridge.name, place)


def _rewritten(journey: Journey) -> None:
    """A rule of NAT that changes where the packet goes: whether it comes here still is not followed."""
    for hop in journey.hops:
        if hop.hop is Hop.PREROUTING and (rules := (*hop.rewrites, *hop.may_rewrite)):
            why = f"NAT may send it elsewhere: {rules[0].text}"
            journey.met(Hop.ROUTE, journey.scene.bridge.name, Fate.UNKNOWN, why)
            return


def _enabled(journey: Journey) -> None:
    """IPv6 may be switched off on the bridge: then this host hears none of it, and has no address to send from."""
    scene = journey.scene
    if scene.family(journey.packet) is not Family.IP6 or isinstance(scene.host.sysctls, Missing):
        return
    name = f"net/ipv6/conf/{scene.bridge.name}/disable_ipv6"
    if scene.host.sysctls.get(name) == "1":
        journey.met(Hop.ROUTE, scene.bridge.name, Fate.DROP, f"{name} is 1: IPv6 is switched off there")


def through(journey: Journey, outward: str | None) -> None:
    """Routed from the bridge to another device."""
    scene = journey.scene
    _rewritten(journey)
    _forwards(journey, scene.bridge.name)
    place = way.ip_place(journey, Nf.FORWARD, outward)
    journey.hook(Hop.FORWARD, scene.bridge.name, place)
    place = way.ip_place(journey, Nf.POSTROUTING, outward)
    journey.hook(Hop.POSTROUTING, outward or "", place)
    # From here on the frame is another one, from this host to its next hop.
    link = scene.link(outward)
    journey.becomes(mac_source=link.mac if link else None, mac_destination=None)
    device.outwards(journey, outward)


# Of data that no connection and no helper expects: conntrack does not put the guest's address in them.
NOT_EXPECTED = "NAT knows no connection for it, and no helper of conntrack expects it: it is for this host itself"
HELP_NOT_KNOWN = "NAT knows no connection for it: whether a conntrack helper leads it to the guest is not known"


def back(journey: Journey, inward: str | None, translated: bool, helped: bool | None = None) -> None:
    """Routed from another device towards the guests of the bridge.

    `translated`: it comes to an address of this host, and conntrack puts the guest's in its place after PREROUTING.
    That needs a connection: data from a port that the guest has not asked have none, unless a helper expects them
    (`helped`; None: not known). Then they are RELATED.
    """
    scene = journey.scene
    family = scene.family(journey.packet)
    journey.for_host = True
    # The last hop's frame is for that device; the guest's own is written when it leaves here.
    macs = {"mac_source": journey.packet.mac_source, "mac_destination": journey.packet.mac_destination}
    link = scene.link(inward)
    journey.becomes(mac_source=None, mac_destination=link.mac if link else None)
    device.programs(journey, inward)
    device.inwards(journey, inward)
    guest = journey.packet.destination
    is_new = translated and journey.packet.direction == "original"
    journey.becomes(destination=None if translated else guest)
    if is_new and helped is not False:
        journey.becomes(state="RELATED" if helped else None)
    place = scene.place(family, Nf.PREROUTING, inward, "")
    journey.hook(Hop.PREROUTING, inward or "", place)
    journey.becomes(destination=guest)
    if is_new and not helped:
        fate, why = (Fate.UNKNOWN, HELP_NOT_KNOWN) if helped is None else (Fate.DROP, NOT_EXPECTED)
        journey.met(Hop.ROUTE, inward or "", fate, why)
    _forwards(journey, inward or "")
    _by_main(journey, inward or "")
    place = scene.place(family, Nf.FORWARD, inward, scene.bridge.name)
    journey.hook(Hop.FORWARD, scene.bridge.name, place)
    place = scene.place(family, Nf.POSTROUTING, "", scene.bridge.name)
    journey.hook(Hop.POSTROUTING, scene.bridge.name, place)
    journey.becomes(**macs)
    journey.from_host = True


def _forwards(journey: Journey, inward: str) -> None:
    """The switch of the device that the packet came in by decides (include/linux/inetdevice.h IN_DEV_FORWARD)."""
    sysctls = journey.scene.host.sysctls
    if isinstance(sysctls, Missing):
        return
    version = _VERSIONS[journey.scene.family(journey.packet)]
    name = f"net/{version}/conf/{inward}/forwarding"
    if sysctls.get(name) == "0":
        journey.met(Hop.ROUTE, inward, Fate.DROP, f"{name} is 0: this host routes nothing that comes in there")


def _by_main(journey: Journey, inward: str) -> None:
    """What is for the bridge's guests goes there by the main table's route, unless a rule asks another one before."""
    scene, packet = journey.scene, journey.packet
    if packet.destination is None:
        return
    asked = Asked(
        version=_NUMBERS[scene.family(packet)],
        to=address_range(packet.destination),
        inward=inward,
        source=None if packet.source is None else address_range(packet.source),
        mark=journey.marks.mark,
    )
    if asks_elsewhere(scene.host, asked):
        journey.met(Hop.ROUTE, inward, Fate.UNKNOWN, "a rule of policy routing may send it elsewhere: `ip rule`")


def from_socket(journey: Journey, by_routes: bool = False) -> None:
    """What a program of this host sends through the bridge, up to the bridge as a device.

    `by_routes`: the program names no device, so that the host's routes have to lead there. Where it names the bridge,
    routes through other devices are not looked at (net/ipv4/fib_trie.c fib_table_lookup).
    """
    scene = journey.scene
    family = scene.family(journey.packet)
    name = scene.bridge.name
    journey.from_host = True
    _enabled(journey)
    if by_routes:
        _by_main(journey, _LOOPBACK)
    # No frame is written yet, so there are no MACs to compare.
    macs = {"mac_source": journey.packet.mac_source, "mac_destination": journey.packet.mac_destination}
    journey.becomes(mac_source=None, mac_destination=None)
    before = journey.marks.mark
    journey.hook(Hop.OUTPUT, name, scene.place(family, Nf.OUTPUT, "", name))
    if by_routes and journey.marks.mark != before:
        # Rules of type route, as iptables' mangle are, have it routed anew (net/ipv4/netfilter.c ip_route_me_harder).
        _by_main(journey, _LOOPBACK)
    if family is Family.IP and journey.packet.link_type == "broadcast":
        _hears_itself(journey)
    if family is not Family.ARP:
        journey.hook(Hop.POSTROUTING, name, scene.place(family, Nf.POSTROUTING, "", name))
    journey.becomes(**macs)


def _hears_itself(journey: Journey) -> None:
    """Of its own broadcast a host hears a copy, which has been through POSTROUTING and comes in by the bridge before
    the packet itself is at POSTROUTING (net/ipv4/ip_output.c ip_mc_output; traced on 6.18). Both share one entry in
    conntrack: what rules write to it there, the packet has. Rules are told that the copy is a broadcast.
    """
    name = journey.scene.bridge.name
    copy = journey.fork()
    copy.hook(Hop.POSTROUTING, name, journey.scene.place(Family.IP, Nf.POSTROUTING, "", name))
    copy.from_host, copy.for_host = False, True
    copy.hook(Hop.PREROUTING, name, journey.scene.place(Family.IP, Nf.PREROUTING, name, ""))
    copy.hook(Hop.INPUT, name, journey.scene.place(Family.IP, Nf.INPUT, name, ""))
    if copy.marks.ct_mark != journey.marks.ct_mark:
        journey.marks = msgspec.structs.replace(journey.marks, ct_mark=None)
