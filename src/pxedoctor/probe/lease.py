"""What a lease says of the station's place in the network: its address, its link, and the way off it."""

from ipaddress import AddressValueError, IPv4Address, IPv4Network

import msgspec

from pxedoctor.dialogue.dhcp4_offer import said
from pxedoctor.wire.dhcp4 import Dhcp4
from pxedoctor.wire.dhcp4_known import DNS_SERVERS, DOMAIN_NAME, ROUTER, SUBNET_MASK


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """`gateway` None: only what is on the link can be reached."""

    address: IPv4Address
    prefix: int
    gateway: IPv4Address | None
    dns: tuple[IPv4Address, ...]
    domain: str

    def next_hop(self, destination: IPv4Address) -> IPv4Address:
        """Where a packet to `destination` goes on the link."""
        on_link = destination in IPv4Network((self.address, self.prefix), strict=False)
        return destination if on_link or self.gateway is None else self.gateway


def lease_of(ack: Dhcp4) -> Lease:
    routers = said(ROUTER, ack.options) or ()
    return Lease(
        address=ack.yiaddr,
        prefix=_prefix(said(SUBNET_MASK, ack.options)),
        gateway=routers[0] if routers else None,
        dns=said(DNS_SERVERS, ack.options) or (),
        domain=said(DOMAIN_NAME, ack.options) or "",
    )


def _prefix(mask: IPv4Address | None) -> int:
    """24 where no mask was given, or one with holes: clients take that of the address' class, most often C."""
    if mask is None:
        return 24
    try:
        return IPv4Network(f"0.0.0.0/{mask}").prefixlen
    except (AddressValueError, ValueError):
        return 24
