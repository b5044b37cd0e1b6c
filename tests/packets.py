"""Hypothesis strategies for every value of `pxedoctor.wire`: valid ones, as wide as the wire allows."""

import string
from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from typing import Any

from hypothesis import strategies as st

from pxedoctor.wire import architecture, dhcp4_formats, dhcp6_formats, formats, pxe, relay_agent
from pxedoctor.wire.architecture import Machine, NetworkInterface
from pxedoctor.wire.arp import Arp, Operation
from pxedoctor.wire.bpdu import MSTP, RSTP, STP, Bpdu, BridgeId, TopologyChange
from pxedoctor.wire.dhcp4 import Dhcp4, MessageType, Op
from pxedoctor.wire.dhcp4_formats import ClientId, Enterprise, Route, UserClass
from pxedoctor.wire.dhcp6 import Dhcp6, Relay6
from pxedoctor.wire.dhcp6 import MessageType as MessageType6
from pxedoctor.wire.dhcp6_formats import (
    Association,
    LeasedAddress,
    LeasedPrefix,
    RemoteId,
    Status,
    Temporary,
    VendorClass,
    VendorOptions,
)
from pxedoctor.wire.domain import build_name
from pxedoctor.wire.duid import DUID, Duid
from pxedoctor.wire.ethernet import Ethernet
from pxedoctor.wire.fragment6 import Fragment6
from pxedoctor.wire.icmp import EchoReply, EchoRequest, Unreachable
from pxedoctor.wire.icmp6 import Icmp6
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.ipv6 import DESTINATION_OPTIONS, HOP_BY_HOP, ROUTING, Extension, Ipv6
from pxedoctor.wire.llc import Llc
from pxedoctor.wire.lldp import Identifier, Lldp, Tlv
from pxedoctor.wire.nd import (
    NeighborAdvertisement,
    NeighborSolicitation,
    RouterAdvertisement,
    RouterSolicitation,
)
from pxedoctor.wire.nd_options import (
    Mtu,
    Other,
    PrefixInformation,
    RecursiveServers,
    RouteInformation,
    SearchList,
    SourceLinkLayer,
    TargetLinkLayer,
)
from pxedoctor.wire.options import Format, Known, Option
from pxedoctor.wire.tftp import Ack, Data, Error, OptionAck, ReadRequest, WriteRequest
from pxedoctor.wire.udp import Udp
from pxedoctor.wire.vlan import Vlan

uint8, uint16, uint32 = (st.integers(0, (1 << bits) - 1) for bits in (8, 16, 32))
macs = st.binary(min_size=6, max_size=6).map(lambda content: content.hex(":"))
addresses4 = st.integers(0, 2**32 - 1).map(IPv4Address)
addresses6 = st.integers(0, 2**128 - 1).map(IPv6Address)
unicast6 = addresses6.filter(lambda address: not address.is_multicast)
payloads = st.binary(max_size=200)
# Whatever can be sent: no NUL, no half of a surrogate pair.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
words = st.text(string.ascii_letters + string.digits + "-._/:", min_size=1, max_size=30)
types = st.integers(0x600, 0xFFFF)

_labels = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=20)
hostnames = st.lists(_labels, min_size=1, max_size=5).map(".".join)


def tuples(items: st.SearchStrategy[Any], least: int = 0, most: int = 4) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, min_size=least, max_size=most).map(tuple)


def _fits(name: str) -> bool:
    return len(build_name(name)) <= 255


_escapes = st.sampled_from(["\\.", "\\\\", "\\000", "\\255", "\\032"])
_odd_labels = st.lists(st.one_of(_labels, _escapes), min_size=1, max_size=3).map("".join)
names = st.lists(_odd_labels, min_size=1, max_size=3).map(".".join).filter(_fits)

ethernets = st.builds(Ethernet, destination=macs, source=macs, kind=types, payload=payloads)
llcs = st.builds(
    Llc,
    destination=macs,
    source=macs,
    destination_service=uint8,
    source_service=uint8,
    control=uint8.map(lambda value: value | 3),
    payload=payloads,
)
vlans = st.builds(
    Vlan,
    vlan=st.integers(0, 4094),
    kind=types,
    payload=payloads,
    priority=st.integers(0, 7),
    drop_eligible=st.booleans(),
)
arps = st.builds(
    Arp,
    operation=st.sampled_from(Operation),
    sender_mac=macs,
    sender=addresses4,
    target_mac=macs,
    target=addresses4,
)
ipv4s = st.builds(
    Ipv4,
    source=addresses4,
    destination=addresses4,
    protocol=uint8,
    payload=payloads,
    ttl=uint8,
    service=uint8,
    identification=uint16,
    fragment=uint16,
    options=st.integers(0, 10).flatmap(lambda count: st.binary(min_size=4 * count, max_size=4 * count)),
)
extensions = st.builds(
    Extension,
    kind=st.sampled_from([HOP_BY_HOP, ROUTING, DESTINATION_OPTIONS]),
    content=st.integers(0, 3).flatmap(lambda count: st.binary(min_size=6 + 8 * count, max_size=6 + 8 * count)),
)
ipv6s = st.builds(
    Ipv6,
    source=addresses6,
    destination=addresses6,
    protocol=uint8.filter(lambda kind: kind not in (HOP_BY_HOP, ROUTING, DESTINATION_OPTIONS)),
    payload=payloads,
    hop_limit=uint8,
    traffic_class=uint8,
    flow_label=st.integers(0, 2**20 - 1),
    extensions=tuples(extensions, most=3),
)
fragment6s = st.builds(
    Fragment6,
    protocol=uint8,
    start=st.integers(0, 0x1FFF),
    more=st.booleans(),
    identification=uint32,
    payload=payloads,
)
udps = st.builds(Udp, source_port=uint16, destination_port=uint16, payload=st.binary(max_size=600))

icmps = st.one_of(
    st.builds(EchoRequest, identifier=uint16, sequence=uint16, payload=payloads),
    st.builds(EchoReply, identifier=uint16, sequence=uint16, payload=payloads),
    st.builds(Unreachable, code=uint8, mtu=uint16, original=payloads),
)
icmp6s = st.builds(Icmp6, kind=uint8, code=uint8, body=payloads)

_prefix_lengths = st.integers(0, 128)
nd_options = st.one_of(
    st.builds(SourceLinkLayer, macs),
    st.builds(TargetLinkLayer, macs),
    st.builds(
        PrefixInformation,
        prefix=addresses6,
        length=_prefix_lengths,
        valid=uint32,
        preferred=uint32,
        on_link=st.booleans(),
        autonomous=st.booleans(),
        router_address=st.booleans(),
    ),
    st.builds(Mtu, uint32),
    st.builds(
        RouteInformation, prefix=addresses6, length=_prefix_lengths, lifetime=uint32, preference=st.integers(0, 3)
    ),
    st.builds(RecursiveServers, lifetime=uint32, servers=tuples(addresses6, least=1)),
    st.builds(SearchList, lifetime=uint32, domains=tuples(hostnames, least=1)),
    st.builds(
        Other,
        kind=st.sampled_from([0, 4, 13, 14, 37, 38, 200, 253]),
        content=st.integers(0, 3).flatmap(lambda count: st.binary(min_size=6 + 8 * count, max_size=6 + 8 * count)),
    ),
)
_nd_options = tuples(nd_options)
nds = st.one_of(
    st.builds(RouterSolicitation, options=_nd_options),
    st.builds(
        RouterAdvertisement,
        hop_limit=uint8,
        managed=st.booleans(),
        other=st.booleans(),
        preference=st.integers(0, 3),
        lifetime=uint16,
        reachable=uint32,
        retransmit=uint32,
        options=_nd_options,
    ),
    st.builds(NeighborSolicitation, target=unicast6, options=_nd_options),
    st.builds(
        NeighborAdvertisement,
        target=unicast6,
        router=st.booleans(),
        solicited=st.booleans(),
        override=st.booleans(),
        options=_nd_options,
    ),
)

_bridge_ids = st.builds(BridgeId, priority=uint16, mac=macs)


def _bpdu_of(version: int) -> st.SearchStrategy[Bpdu]:
    return st.builds(
        Bpdu,
        version=st.just(version),
        flags=uint8,
        root=_bridge_ids,
        cost=uint32,
        bridge=_bridge_ids,
        port=uint16,
        message_age=uint16,
        max_age=uint16,
        hello_time=uint16,
        forward_delay=uint16,
        more=payloads if version == MSTP else st.just(b""),
    )


bpdus = st.one_of(st.just(TopologyChange()), _bpdu_of(STP), _bpdu_of(RSTP), _bpdu_of(MSTP))

_identifiers = st.builds(Identifier, uint8, st.binary(min_size=1, max_size=40))
lldps = st.builds(
    Lldp,
    chassis=_identifiers,
    port=_identifiers,
    seconds=uint16,
    tlvs=tuples(st.builds(Tlv, st.sampled_from([4, 5, 6, 7, 8, 9, 126, 127]), payloads)),
)

tftp_options = tuples(st.tuples(words, words))
tftps = st.one_of(
    st.builds(ReadRequest, file=texts, mode=words, options=tftp_options),
    st.builds(WriteRequest, file=texts, mode=words, options=tftp_options),
    st.builds(Data, block=uint16, content=st.binary(max_size=1500)),
    st.builds(Ack, block=uint16),
    st.builds(Error, code=uint16, message=texts),
    st.builds(OptionAck, options=tftp_options),
)

interfaces = st.builds(NetworkInterface, kind=uint8, major=uint8, minor=uint8)
machines = st.builds(Machine, kind=uint8, content=st.binary(max_size=20))
codes = st.integers(1, 254)
suboptions = tuples(st.builds(Option, codes, st.binary(max_size=30)))
_networks = st.tuples(addresses4, st.integers(0, 32)).map(lambda pair: IPv4Network(pair, strict=False))
routes = st.builds(Route, network=_networks, router=addresses4)


def _user_class(content: bytes) -> UserClass:
    """As a receiver would take it: a list where it can be one."""
    return dhcp4_formats.USER_CLASS.read(content)


user_classes = st.one_of(
    st.builds(UserClass, listed=tuples(st.binary(min_size=1, max_size=20), least=1)),
    st.binary(min_size=1, max_size=30).map(_user_class),
)
duids = st.builds(Duid, kind=uint16, content=st.binary(min_size=1, max_size=128))
options6 = tuples(st.builds(Option, uint16, st.binary(max_size=30)), most=3)
associations = st.builds(Association, iaid=uint32, t1=uint32, t2=uint32, options=options6)


def _iaid_and_duid(content: bytes) -> bytes:
    return content[:4] + b"\0\x04" + content[4:]


# Type 255 promises an IAID and a DUID (RFC 4361 section 6.1), here one of a UUID; tshark calls a shorter one malformed.
_client_ids = st.one_of(
    st.builds(ClientId, kind=st.integers(0, 254), content=st.binary(min_size=1, max_size=20)),
    st.builds(ClientId, kind=st.just(255), content=st.binary(min_size=20, max_size=20).map(_iaid_and_duid)),
)

# What an option of each format may say.
_OF_FORMAT: list[tuple[Format[Any], st.SearchStrategy[Any]]] = [
    (formats.UINT8, uint8),
    (formats.UINT16, uint16),
    (formats.UINT32, uint32),
    (formats.INT32, st.integers(-(2**31), 2**31 - 1)),
    (formats.UINT8S, tuples(uint8, least=1, most=40)),
    (formats.UINT16S, tuples(uint16, least=1)),
    (formats.ADDRESS4, addresses4),
    (formats.ADDRESSES4, tuples(addresses4, least=1)),
    (formats.ADDRESS6, addresses6),
    (formats.ADDRESSES6, tuples(addresses6, least=1)),
    (formats.BYTES, payloads),
    (formats.TEXT, texts),
    (formats.PRESENT, st.just(True)),
    (formats.NAMES, tuples(names, most=3)),
    (architecture.NETWORK_INTERFACE, interfaces),
    (architecture.MACHINE, machines),
    (dhcp4_formats.TYPE, st.sampled_from(MessageType)),
    (dhcp4_formats.CLIENT_ID, _client_ids),
    (dhcp4_formats.ROUTES, tuples(routes, least=1)),
    (dhcp4_formats.USER_CLASS, user_classes),
    (dhcp4_formats.ENTERPRISES, tuples(st.builds(Enterprise, number=uint32, content=payloads), least=1)),
    (dhcp4_formats.SUBOPTIONS, suboptions),
    (relay_agent.RELAY_SUBOPTIONS, tuples(st.builds(Option, uint8, st.binary(max_size=30)))),
    (pxe.BOOT_SERVERS.format, tuples(st.builds(pxe.BootServers, type=uint16, addresses=tuples(addresses4)))),
    (pxe.BOOT_MENU.format, tuples(st.builds(pxe.MenuEntry, type=uint16, text=texts))),
    (pxe.MENU_PROMPT.format, st.builds(pxe.Prompt, seconds=uint8, text=texts)),
    (pxe.BOOT_ITEM.format, st.builds(pxe.BootItem, type=uint16, layer=uint16)),
    (DUID, duids),
    (dhcp6_formats.ASSOCIATION, associations),
    (dhcp6_formats.TEMPORARY, st.builds(Temporary, iaid=uint32, options=options6)),
    (
        dhcp6_formats.LEASED_ADDRESS,
        st.builds(LeasedAddress, address=addresses6, preferred=uint32, valid=uint32, options=options6),
    ),
    (
        dhcp6_formats.LEASED_PREFIX,
        st.builds(
            LeasedPrefix, preferred=uint32, valid=uint32, length=_prefix_lengths, prefix=addresses6, options=options6
        ),
    ),
    (dhcp6_formats.STATUS, st.builds(Status, code=uint16, message=texts)),
    (dhcp6_formats.ITEMS, tuples(payloads)),
    (dhcp6_formats.PARAMETERS, tuples(texts)),
    (dhcp6_formats.VENDOR_CLASS, st.builds(VendorClass, enterprise=uint32, classes=tuples(payloads))),
    (dhcp6_formats.VENDOR_OPTIONS, st.builds(VendorOptions, enterprise=uint32, options=options6)),
    (dhcp6_formats.REMOTE_ID, st.builds(RemoteId, enterprise=uint32, content=payloads)),
]


def values_of(known: Known[Any]) -> st.SearchStrategy[Any]:
    """What this option may say."""
    return next(strategy for form, strategy in _OF_FORMAT if form is known.format)


def said(known: Known[Any]) -> st.SearchStrategy[Option]:
    """This option, saying something."""
    return values_of(known).map(known.of)


def _unique(options: list[Option]) -> tuple[Option, ...]:
    return tuple({option.code: option for option in options}.values())


_options4 = st.builds(Option, codes.filter(lambda code: code != 52), st.binary(max_size=40))
_long_options = st.builds(Option, st.integers(224, 254), st.binary(min_size=250, max_size=600))
_overloads = st.builds(Option, st.just(52), st.sampled_from([b"\1", b"\2", b"\3"]))


def _plain_text(most: int) -> st.SearchStrategy[bytes]:
    return st.binary(max_size=most).map(lambda content: content.replace(b"\0", b"\1"))


def _dhcp4(op: Op, head: dict[str, Any], options: list[Option], overload: Option | None, place: int) -> Dhcp4:
    if overload is not None:
        options.insert(place % (len(options) + 1), overload)
        bits = overload.content[0]
        head |= ({"file": b""} if bits & 1 else {}) | ({"sname": b""} if bits & 2 else {})
    return Dhcp4(op=op, options=_unique(options), **head)


_heads = st.fixed_dictionaries(
    {
        "xid": uint32,
        "chaddr": st.one_of(st.binary(min_size=6, max_size=6), st.binary(max_size=16)),
        "htype": st.one_of(st.just(1), uint8),
        "hops": uint8,
        "secs": uint16,
        "flags": uint16,
        "ciaddr": addresses4,
        "yiaddr": addresses4,
        "siaddr": addresses4,
        "giaddr": addresses4,
        "sname": _plain_text(64),
        "file": _plain_text(128),
    }
)


def dhcp4s_with(options: st.SearchStrategy[list[Option]]) -> st.SearchStrategy[Dhcp4]:
    """Messages, overloaded and not, with these options."""
    overload = st.one_of(st.none(), _overloads)
    return st.builds(_dhcp4, st.sampled_from(Op), _heads, options, overload, st.integers(0, 20))


dhcp4s = dhcp4s_with(st.lists(st.one_of(_options4, _options4, _long_options), max_size=8))

dhcp6s = st.builds(
    Dhcp6,
    kind=st.sampled_from([kind for kind in MessageType6 if kind < MessageType6.RELAY_FORW]),
    xid=st.integers(0, 2**24 - 1),
    options=options6,
)
relay6s = st.builds(
    Relay6,
    kind=st.sampled_from([MessageType6.RELAY_FORW, MessageType6.RELAY_REPL]),
    hops=uint8,
    link=addresses6,
    peer=addresses6,
    options=options6,
)


@st.composite
def damaged(draw: Callable[..., Any], whole: st.SearchStrategy[bytes]) -> bytes:
    """Bytes that were a packet, with up to four of them changed and cut somewhere."""
    content = bytearray(draw(whole))
    for _ in range(draw(st.integers(0, 4)) if content else 0):
        content[draw(st.integers(0, len(content) - 1))] = draw(uint8)
    return bytes(content[: draw(st.integers(0, len(content)))])


def hostile(build: Callable[..., bytes], values: st.SearchStrategy[Any], *more: Any) -> st.SearchStrategy[bytes]:
    """Any bytes, and packets that were damaged on their way."""
    return st.one_of(st.binary(max_size=400), damaged(values.map(partial(_built, build, more))))


def _built(build: Callable[..., bytes], more: tuple[Any, ...], value: Any) -> bytes:
    return build(value, *more)
