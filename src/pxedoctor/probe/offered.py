"""DHCP answers and neighbours' own words, as they are written down: bytes of the network become plain values."""

from ipaddress import IPv4Address
from typing import Literal

from pxedoctor.dialogue import dhcp4_offer
from pxedoctor.dialogue.event import Heard
from pxedoctor.dialogue.profile import Profile
from pxedoctor.model.observation import SeenNak, SeenOffer, SeenSwitch
from pxedoctor.wire import bpdu, frame, llc, lldp
from pxedoctor.wire.bpdu import RSTP, Bpdu
from pxedoctor.wire.dhcp4 import Dhcp4
from pxedoctor.wire.dhcp4_known import MESSAGE, SERVER_IDENTIFIER, TFTP_SERVER_NAME
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ethernet import LLDP
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


def switch_of(content: bytes, at: float) -> SeenSwitch | None:
    """Who a neighbour says it is, by LLDP or in a BPDU; None for any other frame."""
    try:
        outer = frame.untagged(content)
    except WireError:
        return _bridge_of(content, at)
    if outer.kind != LLDP:
        return None
    try:
        said = lldp.parse(outer.payload)
    except WireError:
        return None
    vlan = f", its port's VLAN {said.port_vlan}" if said.port_vlan else ""
    detail = f"port {said.port_text}{vlan}"
    return SeenSwitch(
        at=at, by="lldp", mac=outer.source, name=said.text(lldp.SYSTEM_NAME) or said.chassis_text, detail=detail
    )


def _bridge_of(content: bytes, at: float) -> SeenSwitch | None:
    try:
        found = llc.parse(content)
        said = bpdu.parse(found.payload) if found.destination_service == llc.BRIDGE else None
    except WireError:
        return None
    if not isinstance(said, Bpdu):
        return None
    delay, port = said.forward_delay_seconds, _port_of(said)
    told = (f", its port is {port}" if port else "") + (", the topology changes" if said.tells_change else "")
    return SeenSwitch(
        at=at,
        by="rstp" if said.version >= RSTP else "stp",
        mac=found.source,
        name=f"{said.bridge.priority:04x}.{said.bridge.mac}",
        detail=f"root {said.root.priority:04x}.{said.root.mac}, forward delay {delay:g} s{told}",
        forward_delay=delay,
        port=port,
        changes=said.tells_change,
    )


def _port_of(said: Bpdu) -> Literal["", "discarding", "learning", "forwarding"]:
    if said.version < RSTP:
        return ""
    if said.is_forwarding:
        return "forwarding"
    return "learning" if said.is_learning else "discarding"


def _server(message: Dhcp4, heard: Heard) -> str:
    server = dhcp4_offer.said(SERVER_IDENTIFIER, message.options)
    return str(server) if server else str(heard.source)


def _address(address: IPv4Address) -> str:
    return str(address) if int(address) else ""
