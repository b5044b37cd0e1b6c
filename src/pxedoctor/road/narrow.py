"""How large the packets of a boot are, and the devices between a guest and its server that do not let them out.

Sizes are bytes of IP packets, without Ethernet's header of 14. A bridge drops, and tells nobody, what is more than 4
bytes (a VLAN tag) above the MTU of the port that it is to leave through (net/bridge/br_forward.c
br_dev_queue_push_xmit, net/core/dev.c is_skb_forwardable); a veth drops the same at its receiving end. Only packets of
a superframe (GSO) pass. DHCP's own messages are small, so a guest gets its address and loses its boot file.

Who sends adapts to its own device alone: this host's server to the bridge's MTU (its kernel breaks larger packets up,
dnsmasq grants smaller blocks, TCP announces less), a server outside to its own NIC's.
"""

import msgspec

from pxedoctor.model.bridge import Bridge
from pxedoctor.model.client import Client
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Domain, Nic
from pxedoctor.model.link import Link
from pxedoctor.model.target import Target
from pxedoctor.road.serving import serving
from pxedoctor.road.tree import outward_ports

SLACK = 4
USUAL = 1500
# IPv4 or IPv6, UDP, and TFTP's opcode and block number.
TFTP_OVERHEAD, TFTP_OVERHEAD6 = 20 + 8 + 4, 40 + 8 + 4


class Wanted(msgspec.Struct, frozen=True):
    """The largest packet that a client has sent to it, and what it holds. `surely`: it asks for this size itself."""

    size: int
    words: str
    surely: bool


class Narrow(msgspec.Struct, frozen=True, kw_only=True):
    """A place that does not let a packet of `needed` bytes out to the guest. `device` "": a tap that is still to be.

    `sender`: where such packets come from; `outside`: the place is a way to a server outside, which may send less.
    """

    device: str
    mtu: int
    needed: int
    sender: str
    outside: bool


def wanted(client: Client | None) -> Wanted:
    if client is None or not client.tftp_block:
        return Wanted(USUAL, "full packets, as HTTP and operating systems have them", surely=False)
    words = f"TFTP in blocks of {client.tftp_block} bytes, as {client.title} asks"
    return Wanted(client.tftp_block + TFTP_OVERHEAD, words, surely=True)


def narrow_places(host: Host, bridge: Bridge, target: Target, size: int) -> tuple[Narrow, ...]:
    """Places that packets of `size` bytes do not get past, the guest's own first."""
    sender, most = _sender(host, bridge)
    found = []
    own = _own_mtu(host, bridge, target)
    if own is not None and most is not None and own + SLACK < min(size, most):
        found.append(Narrow(device=target.tap or "", mtu=own, needed=min(size, most), sender=sender, outside=False))
    if serving(host, bridge.name) is None:
        ways = _ways_out(host, bridge, target)
        small = [link for link in ways if link.mtu + SLACK < size]
        if small and len(small) == len(ways):
            widest = max(small, key=lambda link: link.mtu)
            found.append(Narrow(device=widest.name, mtu=widest.mtu, needed=size, sender="the server", outside=True))
    return tuple(found)


def largest_sent(host: Host, bridge: Bridge) -> int | None:
    """The largest packet that whoever serves this bridge sends to its guests; None where nobody is known to."""
    return _sender(host, bridge)[1]


def nic_of(host: Host, target: Target) -> tuple[Domain, Nic] | None:
    """The NIC as its domain has it; None for a target without one."""
    domain = host.domain(target.guest) if target.guest is not None else None
    nic = next((nic for nic in domain.nics if nic.mac == target.mac), None) if domain is not None else None
    return (domain, nic) if domain is not None and nic is not None else None


def _own_mtu(host: Host, bridge: Bridge, target: Target) -> int | None:
    """Of the guest's tap; before its start the one that libvirt will give it (virNetDevTapCreateInBridgePort)."""
    link = host.link(target.tap) if target.tap else None
    if link is not None:
        return _mtu(link)
    found = nic_of(host, target)
    if found is not None and found[1].mtu is not None and not _follows(host, bridge):
        return found[1].mtu
    return _mtu(host.link(bridge.name))


def _follows(host: Host, bridge: Bridge) -> bool:
    """Whether the bridge goes down with a tap that is to come, and what this host sends with it.

    It does until somebody sets its MTU (br_if.c br_mtu_auto_adjust): one above that of a port was set. A server outside
    does not follow.
    """
    own = _mtu(host.link(bridge.name)) or 0
    ports = (_mtu(host.link(port.name)) for port in bridge.ports)
    pinned = any(mtu is not None and mtu < own for mtu in ports)
    return serving(host, bridge.name) is not None and not pinned


def _mtu(link: Link | None) -> int | None:
    """None where the host's text did not tell it."""
    return link.mtu or None if link is not None else None


def _sender(host: Host, bridge: Bridge) -> tuple[str, int | None]:
    """Who sends to the guests, and its largest packet; of a server outside, the widest way to it has to do."""
    if serving(host, bridge.name) is not None:
        return f"this host, through {bridge.name},", _mtu(host.link(bridge.name))
    ways = _ways_out(host, bridge, None)
    return "the server", max((link.mtu for link in ways), default=None)


def _ways_out(host: Host, bridge: Bridge, target: Target | None) -> list[Link]:
    tap = target.tap if target is not None else None
    found = (host.link(name) for name in outward_ports(host, bridge) if name != tap)
    return [link for link in found if link is not None and link.mtu]
