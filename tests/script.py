"""Dialogues as text: what happens (`>> time event`) and what is wished for (`<< wish`), line by line.

A play runs the events of a script and writes down what came of them; the two are compared as wholes. Events:

    >> 0 begin | wake | stop
    >> 1.2 OFFER server=192.168.150.1 address=192.168.150.5 file=pxelinux.0 ...     any DHCPv4 message, see `_message`
    >> 9 arp 52:54:00:0d:0d:09 has 192.168.150.5
    >> 1 DATA 1 512 | TACK 1 | OACK blksize=1432 | ERROR 1 no such file               TFTP, from port=... at the end
    >> 1 ADVERTISE address=fd00::5 preference=255                                    DHCPv6
"""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from pxedoctor.dialogue.event import Begin, Event, Heard, HeardArp, Stop, Wake
from pxedoctor.dialogue.wish import Deliver, Done, Notice, Send, SendArp, WakeAt, Wish
from pxedoctor.wire import dhcp4, dhcp4_known, dhcp6, dhcp6_known, duid, ipxe, pxe, tftp
from pxedoctor.wire.arp import Arp, Operation
from pxedoctor.wire.checksum import Verdict
from pxedoctor.wire.dhcp4 import Dhcp4, MessageType, Op
from pxedoctor.wire.dhcp6 import Dhcp6
from pxedoctor.wire.dhcp6 import MessageType as MessageType6
from pxedoctor.wire.dhcp6_formats import Association, LeasedAddress, Status, VendorClass
from pxedoctor.wire.udp import Udp

MAC = bytes.fromhex("5254000d0d01")
XID = 0x0D0D0D
SERVER = "192.168.150.1"
DUID = duid.from_mac(MAC)
_SERVER_DUID = duid.from_mac(bytes.fromhex("5254000d0dfe"))


def play(step: Callable[[Any, Event, float], tuple[Any, tuple[Wish, ...]]], conversation: Any, script: str) -> Any:
    """Runs the script's events and compares; returns the conversation at its end."""
    wanted = [line.strip() for line in script.strip().splitlines() if line.strip()]
    played: list[str] = []
    for line in wanted:
        if not line.startswith(">>"):
            continue
        at, _, words = line.removeprefix(">> ").partition(" ")
        conversation, wishes = step(conversation, event_of(words), float(at))
        played += [line, *(f"<< {said(wish)}" for wish in wishes)]
    assert played == wanted, "\n".join(["played:", *played])
    return conversation


def event_of(words: str) -> Event:
    name, *rest = words.split()
    match name:
        case "begin":
            return Begin()
        case "wake":
            return Wake()
        case "stop":
            return Stop()
        case "arp":
            address = IPv4Address(rest[2])
            return HeardArp(
                Arp(operation=Operation.REPLY, sender_mac=rest[0], sender=address, target_mac=rest[0], target=address)
            )
        case "DATA" | "TACK" | "OACK" | "ERROR" | "RRQ":
            return _tftp_event(name, rest)
        case "ADVERTISE" | "REPLY":
            return _event6(name, _values(rest))
        case "bytes":
            return _heard(bytes.fromhex(rest[0]), {})
        case _:
            values = _values(rest)
            return _heard(dhcp4.build(_message(MessageType[name], values)), values)


def _values(words: list[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words)


def _heard(payload: bytes, values: dict[str, str]) -> Heard:
    ours = int(values.get("to", 68))
    datagram = Udp(source_port=int(values.get("port", 67)), destination_port=ours, payload=payload)
    source = IPv4Address(values.get("server", SERVER))
    return Heard(source=source, datagram=datagram, checksum=Verdict(values.get("sum", "valid")))


def _message(kind: MessageType, values: dict[str, str]) -> Dhcp4:
    """Keys: server, address, file, next, class, xid, says, item; menu, priority and nopxe are flags or numbers.

    `port` and `to` are UDP's: the server's and ours.
    """
    options = [dhcp4_known.MESSAGE_TYPE.of(kind)]
    if values.get("id") != "none":
        options.append(dhcp4_known.SERVER_IDENTIFIER.of(IPv4Address(values.get("server", SERVER))))
    if "class" in values:
        options.append(dhcp4_known.VENDOR_CLASS.of(values["class"]))
    if "menu" in values:
        menu = (pxe.MenuEntry(type=0x8000, text=values["menu"]),)
        options.append(dhcp4_known.VENDOR_SPECIFIC.of((pxe.BOOT_MENU.of(menu),)))
    if "item" in values:
        item = pxe.BootItem(type=int(values["item"], 16), layer=0)
        options.append(dhcp4_known.VENDOR_SPECIFIC.of((pxe.BOOT_ITEM.of(item),)))
    if "says" in values:
        options.append(dhcp4_known.MESSAGE.of(values["says"]))
    told = [ipxe.PRIORITY.of(int(values["priority"]))] if "priority" in values else []
    told += [ipxe.NO_PXE_DHCP.of(1)] if "nopxe" in values else []
    if told:
        options.append(dhcp4_known.IPXE.of(tuple(told)))
    return Dhcp4(
        op=Op.REPLY,
        xid=int(values.get("xid", str(XID))),
        chaddr=MAC,
        yiaddr=IPv4Address(values.get("address", "0.0.0.0")),
        siaddr=IPv4Address(values.get("next", "0.0.0.0")),
        file=values.get("file", "").encode(),
        options=tuple(options),
    )


def _tftp_event(name: str, rest: list[str]) -> Heard:
    port, local = 40000, 50000
    words = []
    for word in rest:
        if word.startswith("port="):
            port = int(word[5:])
        elif word.startswith("local="):
            local = int(word[6:])
        else:
            words.append(word)
    packet: tftp.Tftp
    match name:
        case "DATA":
            packet = tftp.Data(block=int(words[0]), content=bytes(int(words[1])))
        case "TACK":
            packet = tftp.Ack(block=int(words[0]))
        case "OACK":
            packet = tftp.OptionAck(options=tuple(tuple(word.split("=", 1)) for word in words))  # type: ignore[misc]
        case "RRQ":
            packet = tftp.ReadRequest(file=words[0])
        case _:
            packet = tftp.Error(code=int(words[0]), message=" ".join(words[1:]))
    datagram = Udp(source_port=port, destination_port=local, payload=tftp.build(packet))
    return Heard(source=IPv4Address(SERVER), datagram=datagram)


def _event6(name: str, values: dict[str, str]) -> Heard:
    options = [dhcp6_known.CLIENT_ID.of(DUID), dhcp6_known.SERVER_ID.of(_SERVER_DUID)]
    if "address" in values:
        lease = LeasedAddress(address=IPv6Address(values["address"]), preferred=1800, valid=3600)
        options.append(dhcp6_known.IA_NA.of(Association(iaid=1, options=(dhcp6_known.IA_ADDRESS.of(lease),))))
    if "preference" in values:
        options.append(dhcp6_known.PREFERENCE.of(int(values["preference"])))
    if "status" in values:
        options.append(dhcp6_known.STATUS_CODE.of(Status(code=int(values["status"]), message="none left")))
    if "class" in values:
        told = VendorClass(enterprise=343, classes=(values["class"].encode(),))
        options.append(dhcp6_known.VENDOR_CLASSES.of(told))
    message = Dhcp6(kind=MessageType6[name], xid=int(values.get("xid", str(XID))), options=tuple(options))
    datagram = Udp(source_port=547, destination_port=546, payload=dhcp6.build(message))
    return Heard(source=IPv6Address(values.get("server", "fe80::1")), datagram=datagram)


def said(wish: Wish) -> str:
    match wish:
        case WakeAt(at):
            return f"wake {at:g}"
        case Done(outcome=outcome, why=why):
            return f"done {outcome}: {why}".rstrip(": ")
        case Notice(what=what, source=source, why=why):
            return f"{what} by {source}: {why}".rstrip(": ")
        case Deliver(content):
            return f"deliver {len(content)}"
        case SendArp(packet):
            return f"arp {packet.target}?"
        case Send():
            return _sent(wish)


def _sent(wish: Send) -> str:
    payload = wish.datagram.payload
    if wish.datagram.destination_port in (dhcp4.SERVER_PORT, dhcp4.PROXY_PORT):
        return _sent4(dhcp4.parse(payload), wish)
    if wish.datagram.destination_port == dhcp6.SERVER_PORT:
        return _sent6(payload)
    packet = tftp.parse(payload)
    to = f"to {wish.datagram.destination_port}"
    match packet:
        case tftp.ReadRequest(file=file, options=options):
            return " ".join(["RRQ", file, *(f"{name}={value}" for name, value in options), to])
        case tftp.Ack(block=block):
            return f"ACK {block} {to}"
        case tftp.Error(code=code, message=message):
            return f"ERROR {code} {message} {to}"
        case _:
            return f"{packet} {to}"


def _sent4(message: Dhcp4, wish: Send) -> str:
    kind = message.kind.name if message.kind else "BOOTP"
    words = [kind]
    address = dhcp4_known.REQUESTED_ADDRESS.find(message.options)
    server = dhcp4_known.SERVER_IDENTIFIER.find(message.options)
    words += [f"for {address}"] if address else []
    words += [f"of {server}"] if server else []
    words += [f"secs {message.secs}"] if message.secs else []
    inside = dhcp4_known.VENDOR_SPECIFIC.find(message.options) or ()
    item = pxe.BOOT_ITEM.find(inside)
    words += [f"item {item.type:#06x}"] if item else []
    if wish.destination != IPv4Address("255.255.255.255") or item:
        words.append(f"from {wish.source} to {wish.destination}:{wish.datagram.destination_port}")
    return " ".join(words)


def _sent6(payload: bytes) -> str:
    message = dhcp6.parse(payload)
    assert isinstance(message, Dhcp6)
    elapsed = dhcp6_known.ELAPSED_TIME.find(message.options)
    association = dhcp6_known.IA_NA.find(message.options)
    lease = dhcp6_known.IA_ADDRESS.find(association.options) if association else None
    words = [message.kind.name, f"xid {message.xid - XID:+d}", f"elapsed {elapsed}"]
    return " ".join([*words, f"for {lease.address}"] if lease else words)
