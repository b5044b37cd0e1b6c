"""DHCPv4 messages (RFC 2131 section 2), their option overload (RFC 2132 section 9.3) and long options (RFC 3396).

Field names are RFC 2131's. `options` holds each code once, in the order of first appearance: an option that was split
over several pieces, or over the fields file and sname, is joined (RFC 3396 section 7). Option 52 stays where it is;
those behind it may be moved into file and sname when the message is built.
"""

from enum import IntEnum
from ipaddress import IPv4Address

import msgspec

from pxedoctor.wire.bounds import require_bits, require_size
from pxedoctor.wire.error import WireError
from pxedoctor.wire.mac import read_mac
from pxedoctor.wire.options import Option, build_option, parse_options, require_codes
from pxedoctor.wire.reader import Reader
from pxedoctor.wire.text import read_text

CLIENT_PORT = 68
SERVER_PORT = 67
PROXY_PORT = 4011
BROADCAST_FLAG = 0x8000
# What every host must take in: 576 bytes of IP datagram (RFC 2131 section 2); BOOTP's smallest (RFC 951 section 3).
SMALLEST = 300

_COOKIE = bytes((99, 130, 83, 99))
_SNAME, _FILE = 64, 128
_ETHERNET = 1
_OVERLOAD, _MESSAGE_TYPE = 52, 53
_IN_FILE, _IN_SNAME = 1, 2
_END = b"\xff"
_LARGEST = 0xFFFF - 20 - 8
_HEAD = 236 + len(_COOKIE)
_UNSPECIFIED = IPv4Address(0)


class Op(IntEnum):
    REQUEST = 1
    REPLY = 2


class MessageType(IntEnum):
    """Option 53 (RFC 2132 section 9.6; 9: RFC 3203; 10 to 13: RFC 4388)."""

    DISCOVER = 1
    OFFER = 2
    REQUEST = 3
    DECLINE = 4
    ACK = 5
    NAK = 6
    RELEASE = 7
    INFORM = 8
    FORCERENEW = 9
    LEASEQUERY = 10
    LEASEUNASSIGNED = 11
    LEASEUNKNOWN = 12
    LEASEACTIVE = 13


class Dhcp4(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `chaddr` has hlen bytes; `sname` and `file` end before their NUL, and are empty where overloaded."""

    op: Op
    xid: int
    chaddr: bytes
    htype: int = _ETHERNET
    hops: int = 0
    secs: int = 0
    flags: int = 0
    ciaddr: IPv4Address = _UNSPECIFIED
    yiaddr: IPv4Address = _UNSPECIFIED
    siaddr: IPv4Address = _UNSPECIFIED
    giaddr: IPv4Address = _UNSPECIFIED
    sname: bytes = b""
    file: bytes = b""
    options: tuple[Option, ...] = ()

    def __post_init__(self) -> None:
        require_bits("DHCPv4 xid", self.xid, 32)
        for name in ("htype", "hops"):
            require_bits(f"DHCPv4 {name}", getattr(self, name), 8)
        for name in ("secs", "flags"):
            require_bits(f"DHCPv4 {name}", getattr(self, name), 16)
        require_size("DHCPv4 chaddr", self.chaddr, 16)
        overload = self.overload
        _require_text("sname", self.sname, 0 if overload & _IN_SNAME else _SNAME)
        _require_text("file", self.file, 0 if overload & _IN_FILE else _FILE)
        require_codes(self.options, "a DHCPv4 message")
        if len({option.code for option in self.options}) < len(self.options):
            raise WireError("a DHCPv4 message holds each option once; a long one is split when it is built")
        size = _HEAD + sum(len(_pieces(option)) for option in self.options) + len(_END)
        if size > _LARGEST:
            raise WireError(f"a DHCPv4 message of {size} bytes does not fit into a datagram")

    @property
    def mac(self) -> str | None:
        """The client's MAC; None where `chaddr` is no Ethernet address."""
        return read_mac(self.chaddr) if self.htype == _ETHERNET and len(self.chaddr) == 6 else None

    @property
    def kind(self) -> MessageType | None:
        """None for BOOTP, and for a type that no RFC knows."""
        content = self.content(_MESSAGE_TYPE) or b""
        known = len(content) == 1 and MessageType.DISCOVER <= content[0] <= MessageType.LEASEACTIVE
        return MessageType(content[0]) if known else None

    @property
    def overload(self) -> int:
        """Option 52: which of file (1) and sname (2) hold options; 0: none."""
        return _overload(self.content(_OVERLOAD))

    @property
    def file_text(self) -> str:
        return read_text(self.file)

    def content(self, code: int) -> bytes | None:
        return next((option.content for option in self.options if option.code == code), None)


def parse(content: bytes) -> Dhcp4:
    """`content` is a datagram's payload.

    A missing end option is forgiven, as clients do. Raises WireError where the message is cut, has no magic cookie, an
    hlen beyond chaddr, a cut option, or an option 52 that is malformed or inside a field that option 52 opened.
    """
    reader = Reader(content, "a DHCPv4 message")
    op = reader.number(1, "op")
    if op not in (Op.REQUEST, Op.REPLY):
        raise WireError(f"DHCPv4 op {op} is neither a request (1) nor a reply (2)")
    htype, hlen, hops = (reader.number(1, name) for name in ("htype", "hlen", "hops"))
    xid, secs, flags = reader.number(4, "xid"), reader.number(2, "secs"), reader.number(2, "flags")
    ciaddr, yiaddr, siaddr, giaddr = (IPv4Address(reader.take(4, "addresses")) for _ in range(4))
    chaddr = reader.take(16, "chaddr")
    if hlen > len(chaddr):
        raise WireError(f"DHCPv4 hlen {hlen} is more than chaddr has")
    sname, file = reader.take(_SNAME, "sname"), reader.take(_FILE, "file")
    if reader.take(len(_COOKIE), "magic cookie") != _COOKIE:
        raise WireError("no magic cookie: a BOOTP message without options")
    options, overload = _gathered(reader.rest(), file, sname)
    return Dhcp4(
        op=Op(op),
        htype=htype,
        hops=hops,
        xid=xid,
        secs=secs,
        flags=flags,
        ciaddr=ciaddr,
        yiaddr=yiaddr,
        siaddr=siaddr,
        giaddr=giaddr,
        chaddr=chaddr[:hlen],
        sname=b"" if overload & _IN_SNAME else sname.partition(b"\0")[0],
        file=b"" if overload & _IN_FILE else file.partition(b"\0")[0],
        options=options,
    )


def build(message: Dhcp4, size: int = SMALLEST) -> bytes:
    """The message, filled up with zeros behind its end option to `size` bytes at least."""
    options, file, sname = _spread(message)
    content = bytes((message.op, message.htype, len(message.chaddr), message.hops))
    content += message.xid.to_bytes(4) + message.secs.to_bytes(2) + message.flags.to_bytes(2)
    for address in (message.ciaddr, message.yiaddr, message.siaddr, message.giaddr):
        content += address.packed
    content += message.chaddr.ljust(16, b"\0") + sname.ljust(_SNAME, b"\0") + file.ljust(_FILE, b"\0")
    return (content + _COOKIE + options + _END).ljust(size, b"\0")


def _gathered(content: bytes, file: bytes, sname: bytes) -> tuple[tuple[Option, ...], int]:
    """All options joined, and the overload. They are read from options, file, sname (RFC 3396 section 5)."""
    options = parse_options(content, "the options of a DHCPv4 message")
    overload = _overload(b"".join(option.content for option in options if option.code == _OVERLOAD) or None)
    for bit, name, field in ((_IN_FILE, "file", file), (_IN_SNAME, "sname", sname)):
        if overload & bit:
            inside = parse_options(field, f"the field {name}, which holds options,")
            if any(option.code == _OVERLOAD for option in inside):
                raise WireError(f"option 52 inside the field {name}, which option 52 itself opened")
            options += inside
    joined: dict[int, bytes] = {}
    for option in options:
        joined[option.code] = joined.get(option.code, b"") + option.content
    return tuple(Option(code, whole) for code, whole in joined.items()), overload


def _spread(message: Dhcp4) -> tuple[bytes, bytes, bytes]:
    """The fields options, file and sname; the last options go into sname, those before them into file, if opened."""
    overload = message.overload
    fields = {"sname": message.sname, "file": message.file}
    fixed = next((at + 1 for at, option in enumerate(message.options) if option.code == _OVERLOAD), 0)
    movable = [_pieces(option) for option in message.options[fixed:]] if overload else []
    for bit, name, room in ((_IN_SNAME, "sname", _SNAME), (_IN_FILE, "file", _FILE)):
        if not overload & bit:
            continue
        inside = b""
        while movable and len(movable[-1]) + len(inside) + len(_END) <= room:
            inside = movable.pop() + inside
        fields[name] = inside + _END
    kept = message.options[:fixed] if overload else message.options
    return b"".join(_pieces(option) for option in kept) + b"".join(movable), fields["file"], fields["sname"]


def _pieces(option: Option) -> bytes:
    """An option on the wire, in pieces of 255 bytes where it is longer (RFC 3396 section 4)."""
    cuts = range(0, max(len(option.content), 1), 0xFF)
    return b"".join(build_option(Option(option.code, option.content[at : at + 0xFF])) for at in cuts)


def _overload(content: bytes | None) -> int:
    if content is None:
        return 0
    if len(content) != 1 or not _IN_FILE <= content[0] <= _IN_FILE | _IN_SNAME:
        raise WireError(f"option 52 (Option Overload) is 1, 2 or 3 in one byte, not {content.hex() or 'nothing'}")
    return content[0]


def _require_text(name: str, content: bytes, most: int) -> None:
    require_size(f"DHCPv4 {name}", content, most)
    if b"\0" in content:
        raise WireError(f"DHCPv4 {name} ends at its first NUL")
