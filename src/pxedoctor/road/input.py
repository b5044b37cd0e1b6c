"""Does a DISCOVER that comes up from a bridge reach a UDP server of this host, through a given ruleset?

Only the stack's own hooks, PREROUTING and INPUT, whatever becomes of the frame before: for a check that compares the
rules that there are with those that there should be. The whole road is `road.exchange`'s.
"""

import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.host import Host
from pxedoctor.netfilter.ruleset import Ruleset
from pxedoctor.netfilter.seen import Family, Marks, Seen
from pxedoctor.netfilter.seen import Hook as Nf
from pxedoctor.road.hop import Fate, RoadHop
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.packets import Parties, packet
from pxedoctor.road.scene import Lookup

_HOOKS = ((Hop.PREROUTING, Nf.PREROUTING), (Hop.INPUT, Nf.INPUT))


def hop_through(host: Host, bridge: str, ruleset: Ruleset) -> RoadHop:
    """The hop where it stops or, where it passes, INPUT."""
    known = Lookup(host, ruleset)
    discover = packet(PacketName.DISCOVER, Parties())
    marks = Marks(nat=0)
    hop = RoadHop(hop=Hop.INPUT, device=bridge, predicted=Fate.PASS, why="no table filters what comes in")
    for place_on_road, hook in _HOOKS:
        # Which of the bridge's ports it came in by may be any.
        place = msgspec.structs.replace(known.place(Family.IP, hook, bridge, ""), port_in=None)
        if not known.all.are_at(place):
            continue
        found = known.all.at(Seen(discover, place, marks))
        rewritten = found.rewrites or found.may_rewrite
        marks = msgspec.structs.replace(found.marks, nat=None) if rewritten else found.marks
        told = msgspec.structs.replace(known.told(found), hop=place_on_road, device=bridge, hook=f"ip {hook.value}")
        if told.predicted is not Fate.PASS:
            return told
        hop = told if place_on_road is Hop.INPUT else hop
    return hop
