"""A device on the way: what looks at each frame that comes in or goes out, before and after the hooks of the bridge.

In the kernel's order (net/core/dev.c __netif_receive_skb_core, __dev_queue_xmit): inwards XDP, packet sockets, tc
ingress, nft's netdev ingress; outwards nft's netdev egress, tc egress, the root qdisc, packet sockets. XDP is not
modelled, nor are filters of tc that act: what they do with a frame is not known.
"""

import re

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.fact import Missing
from pxedoctor.model.traffic_control import TcText
from pxedoctor.netfilter.seen import Family
from pxedoctor.netfilter.seen import Hook as Nf
from pxedoctor.road.hop import Fate
from pxedoctor.road.journey import Journey
from pxedoctor.road.scene import Device, name_of

# A filter without an action only sorts frames into classes (tc-u32(8) flowid). What is policed passes while it is
# within its rate, as a few small frames are; a filled checksum ends nothing.
_ACTS = r"\baction order\b|\bdirect-action\b|\bgact\b|\bmirred\b|\bdrop\b"
_HARMLESS = r"\bpolice\b|\bcsum \("


def programs(journey: Journey, device: str | None) -> None:
    """XDP, which comes before packet sockets; a device of unknown name carries nothing yet."""
    link = journey.scene.link(device)
    if link is not None and link.xdp:
        why = f"an XDP program is attached to {link.name}: what it does with the frame is not known"
        journey.met(Hop.INGRESS, link.name, Fate.UNKNOWN, why)


def inwards(journey: Journey, device: Device) -> None:
    """Into the host through a device, behind its packet sockets."""
    _filters(journey, name_of(device), ingress=True)
    place = journey.scene.place(Family.NETDEV, Nf.INGRESS, device, "")
    journey.hook(Hop.INGRESS, name_of(device) or "", place)


def outwards(journey: Journey, device: Device) -> None:
    """Out of the host, or of the bridge, through a device."""
    place = journey.scene.place(Family.NETDEV, Nf.EGRESS, "", device)
    journey.hook(Hop.EGRESS, name_of(device) or "", place)
    _filters(journey, name_of(device), ingress=False)


def _filters(journey: Journey, device: str | None, ingress: bool) -> None:
    listed = journey.scene.host.traffic_control
    for entry in () if isinstance(listed, Missing) else listed:
        if entry.device == device and entry.ingress is ingress and _may_stop(entry):
            hop = Hop.INGRESS if ingress else Hop.EGRESS
            why = f"what the filters of `{entry.origin}` do with the frame is not known"
            journey.met(hop, entry.device, Fate.UNKNOWN, why)


def _may_stop(entry: TcText) -> bool:
    blocks = re.split(r"(?m)^filter ", entry.filters)
    return any(re.search(_ACTS, block) and not re.search(_HARMLESS, block) for block in blocks)
