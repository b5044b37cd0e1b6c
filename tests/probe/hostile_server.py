"""A hostile boot server: `hostile_server.py BEHAVIOUR` on eth0 of its own network namespace, by frames alone.

It is the attacker, so nothing of pxedoctor's decides what it says: payloads are bytes written down here. It answers ARP
for 192.168.160.66, offers 192.168.160.77 to whoever asks, and then does what BEHAVIOUR names. Says "ready" first.
"""

import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator

MY_MAC = bytes.fromhex("02f0e0000066")
MY_IP = socket.inet_aton("192.168.160.66")
OFFERED = socket.inet_aton("192.168.160.77")
_EVERYBODY = b"\xff\xff\xff\xff"
_COOKIE = bytes.fromhex("63825363")
_DISCOVER, _OFFER, _REQUEST, _ACK, _NAK = 1, 2, 3, 5, 6
_BLOCK = 1432
# A second's worth of a flood, and of a storm.
_FLOOD = 1000
_TRANSFER_PORT = 2069

ESCAPES = b"\x1b[31mboot\x07\x1b]0;owned\x07\xe2\x80\xae\x9b2Jfile"


class Asked:
    """A DHCP message of the client's, as far as an answer needs it."""

    def __init__(self, payload: bytes) -> None:
        self.xid, self.chaddr = payload[4:8], payload[28:34]
        self.kind = self._kind(payload[240:])

    @staticmethod
    def _kind(options: bytes) -> int:
        at = 0
        while at + 2 < len(options) and options[at] != 255:
            if options[at] == 53:
                return options[at + 2]
            at += 1 if options[at] == 0 else 2 + options[at + 1]
        return 0


def checksum(content: bytes) -> int:
    content += b"\0" * (len(content) % 2)
    total = sum(struct.unpack(f"!{len(content) // 2}H", content))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def datagram(target: bytes, to: bytes, ports: tuple[int, int], payload: bytes) -> bytes:
    """A frame with a UDP datagram and no UDP sum (RFC 768 allows it)."""
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), 0, 0, 64, 17, 0, MY_IP, to)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    udp = struct.pack("!HHHH", *ports, 8 + len(payload), 0)
    return target + MY_MAC + b"\x08\x00" + head + udp + payload


def options(kind: int, *more: tuple[int, bytes], server: bytes = MY_IP) -> bytes:
    known = ((53, bytes([kind])), (54, server), (51, struct.pack("!I", 600)), (1, b"\xff\xff\xff\x00"))
    return b"".join(bytes([code, len(value)]) + value for code, value in (*known, *more)) + b"\xff"


def answer(asked: Asked, said: bytes, file: bytes = b"boot.0", sname: bytes = b"", address: bytes = OFFERED) -> bytes:
    """A BOOTREPLY with these option bytes, broadcast."""
    fixed = struct.pack("!BBBB4sHH4s4s4s4s", 2, 1, 6, 0, asked.xid, 0, 0x8000, bytes(4), address, MY_IP, bytes(4))
    names = sname.ljust(64, b"\0")[:64] + file.ljust(128, b"\0")[:128]
    payload = fixed + asked.chaddr.ljust(16, b"\0") + names + _COOKIE + said
    return datagram(b"\xff" * 6, _EVERYBODY, (67, 68), payload)


def _plain(asked: Asked) -> Iterator[bytes]:
    kind = _OFFER if asked.kind == _DISCOVER else _ACK
    yield answer(asked, options(kind))


def _malformed(asked: Asked) -> Iterator[bytes]:
    """An option that runs past the end, one cut after its code, a type that is none, an address of three bytes."""
    head = options(_OFFER)[:-1]
    for tail in (
        b"\x43\xc8boot",
        b"\x43",
        b"\x35\x00",
        b"\x03\x03\x0a\x00\x00\xff",
        b"\x2b\x06\x01\xff\x00\x00\x00\x00\xff",
    ):
        yield answer(asked, head + tail)
    yield answer(asked, b"")
    yield answer(asked, options(_OFFER))[:60]


def _overloaded(asked: Asked) -> Iterator[bytes]:
    """Option 52 says that file and sname hold options, and those say it again."""
    loop = b"\x34\x01\x03" * 40
    yield answer(asked, options(_OFFER, (52, b"\x03")), file=loop, sname=loop[:63])


def _oversize(asked: Asked) -> Iterator[bytes]:
    """As many options as a frame takes, one code cut in pieces (RFC 3396), and the same again."""
    pieces = tuple((67, b"x" * 200) for _ in range(5))
    yield answer(asked, options(_OFFER, *pieces))
    yield answer(asked, options(_OFFER, *((224 + number % 30, b"") for number in range(500))))


def _not_ours(asked: Asked) -> Iterator[bytes]:
    for _ in range(50):
        asked.xid = bytes(byte ^ 0x55 for byte in asked.xid)
        yield answer(asked, options(_OFFER))
        asked.xid = bytes(byte ^ 0x55 for byte in asked.xid)
    asked.chaddr = b"\x02\x02\x02\x02\x02\x02"
    yield answer(asked, options(_OFFER))


def _flood(asked: Asked) -> Iterator[bytes]:
    """A thousand offers of a thousand servers for each DISCOVER."""
    for number in range(_FLOOD):
        server = struct.pack("!I", 0x0A000000 + number)
        yield answer(asked, options(_OFFER, server=server), address=struct.pack("!I", 0xC0A8A000 + number % 250 + 2))


def _naks(asked: Asked) -> Iterator[bytes]:
    if asked.kind == _DISCOVER:
        yield answer(asked, options(_OFFER))
        return
    for _ in range(_FLOOD):
        yield answer(asked, options(_NAK, (56, ESCAPES)))


def _escapes(asked: Asked) -> Iterator[bytes]:
    kind = _OFFER if asked.kind == _DISCOVER else _ACK
    said = options(kind, (12, ESCAPES), (15, ESCAPES), (66, ESCAPES), (60, ESCAPES), (114, ESCAPES))
    yield answer(asked, said, file=ESCAPES, sname=ESCAPES)


def data(block: int, content: bytes) -> bytes:
    return struct.pack("!HH", 3, block % 65536) + content


def oack(*granted: tuple[bytes, bytes]) -> bytes:
    return b"\x00\x06" + b"".join(name + b"\0" + value + b"\0" for name, value in granted)


_AGREED = oack((b"blksize", str(_BLOCK).encode()))


def _wrong_block(block: int | None) -> Iterator[bytes]:
    yield _AGREED if block is None else data(7, b"x" * _BLOCK)


def _repeated(block: int | None) -> Iterator[bytes]:
    """Each block five times over; 40 of them."""
    if block is None:
        yield _AGREED
        return
    content = b"x" * (_BLOCK if block < 40 else 10)
    for _ in range(5):
        yield data(block + 1, content)


def _never_ending(block: int | None) -> Iterator[bytes]:
    yield _AGREED if block is None else data(block + 1, b"x" * _BLOCK)


def _unasked(block: int | None) -> Iterator[bytes]:
    yield oack((b"blksize", b"65464"), (b"\x1b[31mevil", b"1"))


def _garbage(block: int | None) -> Iterator[bytes]:
    """Cut packets, opcodes that are none, an error that is no text."""
    yield from (
        b"",
        b"\x00",
        b"\x00\x63",
        b"\x00\x06blksize",
        b"\x00\x03\x00",
        b"\x00\x05\x00\x01" + b"\x1b[2J" * 100,
    )


DHCP: dict[str, Callable[[Asked], Iterator[bytes]]] = {
    "malformed": _malformed,
    "overloaded": _overloaded,
    "oversize": _oversize,
    "not-ours": _not_ours,
    "flood": _flood,
    "naks": _naks,
    "escapes": _escapes,
}
TFTP: dict[str, Callable[[int | None], Iterator[bytes]]] = {
    "wrong-block": _wrong_block,
    "repeated": _repeated,
    "never-ending": _never_ending,
    "unasked": _unasked,
    "garbage": _garbage,
}


class Server:
    def __init__(self, behaviour: str) -> None:
        self.dhcp = DHCP.get(behaviour, _plain)
        self.tftp = TFTP.get(behaviour)
        self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.wire.bind(("eth0", 0))

    def serve(self) -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            frame = self.wire.recv(65536)
            if frame[12:14] == b"\x08\x06":
                self._answer_arp(frame)
            elif frame[12:14] == b"\x08\x00" and frame[23] == 17:
                self._heard(frame, *struct.unpack("!HH", frame[34:38]))

    def _answer_arp(self, frame: bytes) -> None:
        if frame[20:22] == b"\x00\x01" and frame[38:42] == MY_IP:
            head = frame[6:12] + MY_MAC + b"\x08\x06" + frame[14:20] + b"\x00\x02"
            self._send(head + MY_MAC + MY_IP + frame[22:32])

    def _heard(self, frame: bytes, source: int, port: int) -> None:
        payload = frame[42:]
        if port == 67 and len(payload) > 240:
            asked = Asked(payload)
            if asked.kind in (_DISCOVER, _REQUEST):
                for said in self.dhcp(asked):
                    self._send(said)
        elif self.tftp and frame[30:34] == MY_IP and port in (69, _TRANSFER_PORT) and payload[1] in (1, 4):
            block = None if payload[1] == 1 else struct.unpack("!H", payload[2:4])[0]
            for said in self.tftp(block):
                self._send(datagram(frame[6:12], frame[26:30], (_TRANSFER_PORT, source), said))

    def _send(self, frame: bytes) -> None:
        for _ in range(50):
            try:
                self.wire.send(frame)
                return
            except BlockingIOError:
                time.sleep(0.001)
            except OSError:
                # Its queue is full, or the frame is larger than the device takes.
                return


if __name__ == "__main__":
    Server(sys.argv[1]).serve()
