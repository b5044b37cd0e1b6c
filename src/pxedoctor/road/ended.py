"""What several checks of firewalls ask: does a rule of this host end one of these packets at one of these hooks?"""

from collections.abc import Collection

from pxedoctor.findings.outcome import Unknown
from pxedoctor.model.target import Facts, Target
from pxedoctor.road.exchange import road_of
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.refusing import Refused, first_unknown, refused

# Rules that see what a guest sends to this host, and what this host sends to a guest.
TO_HOST = ("netdev ingress", "bridge prerouting", "ip prerouting", "bridge input", "ip input")
FROM_HOST = ("ip output", "ip postrouting", "bridge output", "bridge postrouting", "netdev egress")
# Rules that see what only crosses the bridge, from port to port.
ACROSS = ("netdev ingress", "bridge prerouting", "bridge forward", "bridge postrouting", "netdev egress")
TO_HOST6 = ("netdev ingress", "bridge prerouting", "ip6 prerouting", "bridge input", "ip6 input")
FROM_HOST6 = ("ip6 output", "ip6 postrouting", "bridge output", "bridge postrouting", "netdev egress")


def ended(
    facts: Facts, target: Target, names: Collection[PacketName], hooks: Collection[str]
) -> Refused | Unknown | None:
    """The first of the packets, in their order, that a rule ends; None where all come through or have no road."""
    for name in names:
        found = refused(road_of(facts, target, name))
        if found is not None and found.hop.hook in hooks:
            return found
    doubt = first_unknown(facts, target, names, hooks)
    if doubt is None:
        return None
    would_help = f"see `{doubt.rule.origin}`" if doubt.rule else "run it as root"
    return Unknown(missing=f"what becomes of it at {doubt.hook}: {doubt.why}", would_help=would_help)
