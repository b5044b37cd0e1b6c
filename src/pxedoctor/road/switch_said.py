"""What a switch says of itself, by LLDP or in a BPDU: bytes of the network become plain values."""

from typing import Literal

from pxedoctor.model.observation import SeenSwitch
from pxedoctor.wire import bpdu, frame, llc, lldp
from pxedoctor.wire.bpdu import RSTP, Bpdu
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ethernet import LLDP


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
