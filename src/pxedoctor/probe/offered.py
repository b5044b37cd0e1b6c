"""DHCP answers, as they are written down: bytes of the network become plain values."""

from ipaddress import IPv4Address

from pxedoctor.dialogue import dhcp4_offer
from pxedoctor.dialogue.event import Heard
from pxedoctor.dialogue.profile import Profile
from pxedoctor.model.observation import SeenNak, SeenOffer
from pxedoctor.wire.dhcp4 import Dhcp4
from pxedoctor.wire.dhcp4_known import MESSAGE, SERVER_IDENTIFIER, TFTP_SERVER_NAME
from pxedoctor.wire.frame import UdpFrame


def offer_of(message: Dhcp4, heard: Heard, around: UdpFrame, marked: bool, profile: Profile, at: float) -> SeenOffer:
    """`heard`: as the client heard it, `around`: as it was on the wire."""
    return SeenOffer(
        at=at,
        server=_server(message, heard),
        source=str(heard.source),
        source_port=heard.datagram.source_port,
        mac=around.source,
        address=_address(message.yiaddr),
        file=dhcp4_offer.boot_file(message),
        next_server=next_server(message),
        vendor_class=dhcp4_offer.vendor_class(message.options),
        proxy=dhcp4_offer.is_proxy(message),
        refused=dhcp4_offer.refused(profile, heard, message),
        checksum=around.checksum.value,
        marked=marked,
        options=tuple((option.code, option.content) for option in message.options),
    )


def nak_of(message: Dhcp4, heard: Heard, around: UdpFrame, at: float) -> SeenNak:
    why = dhcp4_offer.said(MESSAGE, message.options) or ""
    return SeenNak(at=at, server=_server(message, heard), mac=around.source, why=why)


def next_server(message: Dhcp4) -> str:
    """The field siaddr, else option 66, which may be a name (RFC 2132 section 9.4); "" where neither is there."""
    return _address(message.siaddr) or dhcp4_offer.said(TFTP_SERVER_NAME, message.options) or ""


def _server(message: Dhcp4, heard: Heard) -> str:
    server = dhcp4_offer.said(SERVER_IDENTIFIER, message.options)
    return str(server) if server else str(heard.source)


def _address(address: IPv4Address) -> str:
    return str(address) if int(address) else ""
