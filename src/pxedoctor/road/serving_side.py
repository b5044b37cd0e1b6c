"""How a target's server hears it, by the road that the facts foretell."""

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.target import Facts, Target
from pxedoctor.road.exchange import road_of
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.unseen import Serving


def serving(facts: Facts, target: Target) -> Serving:
    """How the server hears, by the road that the facts foretell."""
    road = road_of(facts, target, PacketName.DISCOVER)
    if road is None:
        return "unknown"
    hops = {hop.hop for hop in road.hops}
    if hops & {Hop.UPLINK, Hop.EXIT, Hop.BRIDGE_FORWARD}:
        return "beyond"
    if hops & {Hop.INPUT, Hop.ROUTE}:
        return "socket"
    return "frames" if Hop.SERVER in hops else "unknown"
