"""The messages of a DHCPv4 client, as its profile writes them (RFC 2131 section 4.4.1, table 5)."""

from ipaddress import IPv4Address

import msgspec
from msgspec.structs import replace

from pxedoctor.dialogue.dhcp4_state import Asking, Conversation
from pxedoctor.dialogue.profile import Part, Secs, ServerRequest, Tally
from pxedoctor.dialogue.wish import Send
from pxedoctor.wire import dhcp4, duid
from pxedoctor.wire.architecture import Machine
from pxedoctor.wire.dhcp4 import BROADCAST_FLAG, CLIENT_PORT, PROXY_PORT, SERVER_PORT, Dhcp4, MessageType, Op
from pxedoctor.wire.dhcp4_formats import ClientId
from pxedoctor.wire.dhcp4_known import (
    CLIENT_IDENTIFIER,
    CLIENT_MACHINE,
    HOST_NAME,
    MESSAGE_TYPE,
    REQUESTED_ADDRESS,
    SERVER_IDENTIFIER,
    VENDOR_SPECIFIC,
)
from pxedoctor.wire.options import Option, build_option
from pxedoctor.wire.pxe import BOOT_ITEM, BootItem
from pxedoctor.wire.udp import Udp

EVERYBODY = IPv4Address(0xFFFFFFFF)

_NOBODY = IPv4Address(0)
_XIDS = 1 << 32
_END = b"\xff"
_ETHERNET = 1
# Option 61 of a client that has a DUID (RFC 4361 section 6.1).
_DUID = 255


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One REQUEST to one `server`, to a group or to everybody, from the leased address `client`.

    `number`: servers asked before; `tries`: of this one before; `count`: timers of all of them before. `item`: what of
    its menu is wanted.
    """

    client: IPv4Address
    server: IPv4Address
    number: int = 0
    tries: int = 0
    count: int = 0
    item: BootItem | None = None


def discover(now: Conversation, at: float) -> Send:
    return _broadcast(now, _written(now, at, MessageType.DISCOVER, None, None))


def request(now: Conversation, at: float) -> Send:
    """For the chosen offer, while selecting: to everybody, so that the others hear that they were not taken."""
    chosen = now.chosen
    server = SERVER_IDENTIFIER.find(chosen.message.options) if chosen else None
    address = chosen.message.yiaddr if chosen else None
    return _broadcast(now, _written(now, at, MessageType.REQUEST, server, address))


def proxy_request(now: Conversation, at: float) -> Send:
    """To the last ProxyDHCP server's port 4011, from the address that was leased (PXE 2.1 section 2.2.5)."""
    server = now.proxies[-1].source
    habits = now.asking.profile.proxy
    if habits and habits.request and now.lease:
        return server_request(now.asking, habits.request, Ask(client=now.lease.yiaddr, server=server, tries=now.sent))
    message = _written(now, at, MessageType.REQUEST, server, None)
    message = replace(message, flags=message.flags | (habits.flags if habits else 0))
    return _unicast(now, message, server, PROXY_PORT)


def server_request(asking: Asking, how: ServerRequest, ask: Ask) -> Send:
    """To a proxy or boot server: to one or a group on port 4011, to everybody on port 67."""
    everybody = ask.server == EVERYBODY
    filled = (
        _filled(asking, part, MessageType.REQUEST, None if everybody else ask.server, None) for part in how.options
    )
    item = Option(VENDOR_SPECIFIC.code, build_option(BOOT_ITEM.of(ask.item)) + _END) if ask.item else None
    options = tuple(
        item if part is Part.BOOT_ITEM else option for part, option in zip(how.options, filled, strict=True)
    )
    message = Dhcp4(
        op=Op.REQUEST,
        xid=xid_of(asking, how, ask.number),
        secs=_tallied(how, ask),
        flags=BROADCAST_FLAG if everybody else how.flags,
        ciaddr=ask.client,
        chaddr=asking.mac,
        options=tuple(option for option in options if option is not None),
    )
    datagram = Udp(
        source_port=CLIENT_PORT if everybody else how.source_port,
        destination_port=SERVER_PORT if everybody else PROXY_PORT,
        payload=dhcp4.build(message, size=asking.profile.size),
    )
    profile = asking.profile
    return Send(source=ask.client, destination=ask.server, datagram=datagram, ttl=profile.ttl, service=profile.service)


def xid_of(asking: Asking, how: ServerRequest, number: int) -> int:
    """The transaction id of the exchange with a boot server, of which there were `number` before."""
    return (asking.xid + 1 + number) % _XIDS if how.own_xid else 0


def _tallied(how: ServerRequest, ask: Ask) -> int:
    match how.tally:
        case Tally.IPXE:
            return min(ask.count + 1, 0x3FFF) << 2
        case Tally.TRIES_SWAPPED:
            return (ask.tries & 0xFF) << 8


def decline(now: Conversation, at: float) -> Send:
    """To everybody: the address is used by somebody else (RFC 2131 section 4.4.4)."""
    return _broadcast(now, _ending(now, MessageType.DECLINE))


def release(now: Conversation, at: float) -> Send:
    message = _ending(now, MessageType.RELEASE)
    server = SERVER_IDENTIFIER.find(message.options) or EVERYBODY
    return _unicast(now, message, server, SERVER_PORT)


def _written(
    now: Conversation, at: float, kind: MessageType, server: IPv4Address | None, address: IPv4Address | None
) -> Dhcp4:
    profile = now.asking.profile
    parts = profile.discover_options if kind is MessageType.DISCOVER else profile.request_options
    filled = (_filled(now.asking, part, kind, server, address) for part in parts)
    return Dhcp4(
        op=Op.REQUEST,
        xid=now.asking.xid,
        secs=_secs(now, at, kind),
        flags=profile.flags | (BROADCAST_FLAG if now.asking.broadcast else 0),
        ciaddr=now.lease.yiaddr if now.lease else _NOBODY,
        chaddr=now.asking.mac,
        options=tuple(option for option in filled if option is not None),
    )


def _filled(
    asking: Asking, part: Option | Part, kind: MessageType, server: IPv4Address | None, address: IPv4Address | None
) -> Option | None:
    """None where there is nothing to fill in: no UUID is known, or no address is asked for."""
    match part:
        case Part.TYPE:
            return MESSAGE_TYPE.of(kind)
        case Part.CLIENT_ID:
            return CLIENT_IDENTIFIER.of(ClientId(kind=_ETHERNET, content=asking.mac))
        case Part.CLIENT_DUID:
            return CLIENT_IDENTIFIER.of(ClientId(kind=_DUID, content=asking.identity or _identity(asking.mac)))
        case Part.HOST_NAME:
            return HOST_NAME.of(asking.host_name) if asking.host_name else None
        case Part.MACHINE:
            machine = asking.machine
            return CLIENT_MACHINE.of(Machine(content=machine.bytes_le)) if machine else None
        case Part.SERVER:
            return SERVER_IDENTIFIER.of(server) if server else None
        case Part.ADDRESS:
            return REQUESTED_ADDRESS.of(address) if address else None
        case Part.BOOT_ITEM:
            return None
        case Option():
            return part


def _identity(mac: bytes) -> bytes:
    """An IAID of the MAC's last bytes and a DUID-LL."""
    return mac[2:] + duid.build(duid.from_mac(mac))


def _secs(now: Conversation, at: float, kind: MessageType) -> int:
    elapsed = min(int(at - now.began), 0xFFFF)
    match now.asking.profile.secs:
        case Secs.ZERO:
            return 0
        case Secs.ELAPSED:
            return elapsed
        case Secs.ELAPSED_AT_DISCOVER:
            first = kind is MessageType.REQUEST and now.sent == 0
            return min(int(now.discovered - now.began), 0xFFFF) if first else elapsed
        case Secs.ELAPSED_FROM_ONE:
            return max(elapsed, 1)
        case Secs.CLOCK:
            return (now.asking.xid + elapsed) & 0xFFFF
        case Secs.IPXE:
            return min(now.count + 1, 0x3FFF) << 2 | bool(now.offers) << 1 | bool(now.proxies)


def _ending(now: Conversation, kind: MessageType) -> Dhcp4:
    """DECLINE and RELEASE say who, which address and which server, and nothing else (RFC 2131 table 5)."""
    server = SERVER_IDENTIFIER.find(now.lease.options) if now.lease else None
    address = now.lease.yiaddr if now.lease else _NOBODY
    options = [MESSAGE_TYPE.of(kind)]
    if server:
        options.append(SERVER_IDENTIFIER.of(server))
    if kind is MessageType.DECLINE:
        options.append(REQUESTED_ADDRESS.of(address))
    return Dhcp4(
        op=Op.REQUEST,
        xid=now.asking.xid,
        ciaddr=address if kind is MessageType.RELEASE else _NOBODY,
        chaddr=now.asking.mac,
        options=tuple(options),
    )


def _broadcast(now: Conversation, message: Dhcp4) -> Send:
    return _send(now, message, _NOBODY, EVERYBODY, SERVER_PORT)


def _unicast(now: Conversation, message: Dhcp4, server: IPv4Address, port: int) -> Send:
    return _send(now, message, now.lease.yiaddr if now.lease else _NOBODY, server, port)


def _send(now: Conversation, message: Dhcp4, source: IPv4Address, destination: IPv4Address, port: int) -> Send:
    profile = now.asking.profile
    content = dhcp4.build(message, size=profile.size)
    datagram = Udp(source_port=CLIENT_PORT, destination_port=port, payload=content)
    return Send(source=source, destination=destination, datagram=datagram, ttl=profile.ttl, service=profile.service)
