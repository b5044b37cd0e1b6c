"""Frames, drops and rules of one guest's exchange, as the witnesses of a trace hear them."""

from ipaddress import IPv4Address
from typing import Literal

from pxedoctor.model.traced import HeardEvent, HeardFrame, HeardRule, PortMoment, Traced, Witness, WitnessName
from pxedoctor.wire import bpdu, dhcp4, frame, llc
from pxedoctor.wire.bpdu import Bpdu, BridgeId
from pxedoctor.wire.dhcp4 import Dhcp4, MessageType, Op
from pxedoctor.wire.dhcp4_known import MESSAGE_TYPE
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.mac import write_mac
from pxedoctor.wire.udp import Udp

GUEST, HOST = "52:54:00:0d:0d:01", "52:54:00:0d:0d:fe"
TAP, BRIDGE, UPLINK = "vnet0", "br0", "eno1"
SERVER = IPv4Address("192.168.160.1")
ALL = tuple(Witness(name=name, status="ok") for name in (WitnessName.FRAMES, WitnessName.RULES, WitnessName.KERNEL))
_REPLIES = frozenset({MessageType.OFFER, MessageType.ACK, MessageType.NAK})
SWITCH = "00:1b:00:00:00:02"


def content(kind: MessageType, xid: int = 0xC0FFEE) -> bytes:
    replies = kind in _REPLIES
    message = Dhcp4(
        op=Op.REPLY if replies else Op.REQUEST,
        xid=xid,
        chaddr=write_mac(GUEST),
        options=(MESSAGE_TYPE.of(kind),),
    )
    ports = (67, 68) if replies else (68, 67)
    source = SERVER if replies else IPv4Address(0)
    packet = Ipv4(source=source, destination=IPv4Address("255.255.255.255"), protocol=17, payload=b"")
    datagram = Udp(source_port=ports[0], destination_port=ports[1], payload=dhcp4.build(message, size=300))
    return frame.build(datagram, packet, "ff:ff:ff:ff:ff:ff", HOST if replies else GUEST)


def heard(
    kind: MessageType, device: str, direction: Literal["in", "out"], at: float, xid: int = 0xC0FFEE
) -> HeardFrame:
    bytes_ = content(kind, xid)
    return HeardFrame(at=at, device=device, direction=direction, content=bytes_, length=len(bytes_))


def discover(at: float = 1.0, *devices: str) -> tuple[HeardFrame, ...]:
    """At the tap, and then at these."""
    later = ((device, "out" if device == UPLINK else "in") for device in devices)
    return (
        heard(MessageType.DISCOVER, TAP, "in", at),
        *(heard(MessageType.DISCOVER, device, way, at + 0.00002) for device, way in later),  # type: ignore[arg-type]
    )


def offer(at: float = 1.01, *devices: str) -> tuple[HeardFrame, ...]:
    return tuple(heard(MessageType.OFFER, device, "out", at + 0.00001 * n) for n, device in enumerate(devices))


def received(at: float, device: str, length: int, buffer: str = "a", cpu: int = 0) -> HeardEvent:
    return HeardEvent(at=at, cpu=cpu, event="receive", device=device, buffer=buffer, length=length - 14)


def freed(at: float, location: str, reason: str = "", buffer: str = "a", cpu: int = 0) -> HeardEvent:
    return HeardEvent(at=at, cpu=cpu, event="free", buffer=buffer, protocol=2048, location=location, reason=reason)


def rule(at: float, verdict: str, chain: str = "INPUT", hook: str = "input", frame_: bytes = b"") -> HeardRule:
    return HeardRule(
        at=at,
        mark=7,
        family="ip",
        table="filter",
        chain=chain,
        kind="rule",
        verdict=verdict,
        handle=3,
        in_device=BRIDGE,
        packet=frame_[14:54],
        hook=hook,
        text="udp dport 67 drop",
    )


def bpdu_of(version: int = bpdu.STP, flags: int = 0, mac: str = SWITCH) -> bytes:
    """A frame of a switch whose forward delay is 15 s."""
    root = BridgeId(priority=0x8000, mac="00:1b:00:00:00:01")
    said = Bpdu(
        version=version,
        flags=flags,
        root=root,
        cost=0,
        bridge=root,
        port=0x8002,
        message_age=0,
        max_age=20 * 256,
        hello_time=2 * 256,
        forward_delay=15 * 256,
    )
    return llc.build(
        llc.Llc(
            destination=bpdu.GROUP,
            source=mac,
            destination_service=llc.BRIDGE,
            source_service=llc.BRIDGE,
            payload=bpdu.build(said),
        )
    )


def traced(**changes: object) -> Traced:
    values: dict[str, object] = {
        "target": "web01",
        "bridge": BRIDGE,
        "mac": GUEST,
        "tap": TAP,
        "seconds": 10.0,
        "witnesses": ALL,
        "ports": (UPLINK, TAP),
        "outward": (UPLINK,),
        "states": (PortMoment(at=0.0, device=TAP, state="forwarding"),),
    }
    return Traced(**(values | changes))  # type: ignore[arg-type]
