"""Runs in a site: loads rulesets, sends frames, and says where they arrived. One JSON object a line, in and out.

    {"run": [[word, ...], ...], "input": text}        -> {"status": n, "out": text, "err": text} of the last
    {"send": [packet, ...]}                           -> {"arrived": [[place, ...], ...]}
        packet: {"port", "frame": hex, "magic": hex, "answer": hex, "family", "connection": hex}; port "": the host
        sends it itself and "frame" is the IP packet. Places are the ports a, b, c, and "host". "answer" is what the
        port hears if the host got it (a request of ARP ends in no socket).
    {"trace": true | false}                           -> {}; then answers to "send" have "traces": [[event, ...], ...]

Writing a frame into a tap and sending on a raw socket return when the kernel is done with it: it has arrived or never
will (drivers/net/tun.c tun_get_user, net/core/dev.c __netif_receive_skb; no queue lies between a bridge and its taps).
A frame that only packet sockets see follows each packet and must be there at once: if the kernel ever put frames aside
here, the worker would say so instead of judging.
"""

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys

_ETH_P_ALL, _ETH_P_MARK = 3, 0x88B5
_TUNSETIFF, _IFF_TAP, _IFF_NO_PI = 0x400454CA, 2, 0x1000
_NFNL_SUBSYS_CTNETLINK, _CT_NEW, _CT_DELETE = 1, 0, 2
_NFNL_SUBSYS_NFTABLES, _NFT_MSG_TRACE, _NFNLGRP_NFTRACE = 10, 17, 9
_NETLINK_NETFILTER, _SOL_NETLINK, _SO_RCVBUFFORCE = 12, 270, 33
_REQUEST, _ACK, _CREATE = 1, 4, 0x400
_NLMSG_ERROR = 2
_TRACE_TEXTS = {1: "table", 2: "chain"}
_VERDICTS = {0: "drop", 1: "accept", 0xFFFFFFFF: "continue", 0xFFFFFFFB: "return"}


class Tap:
    """A guest's end of a bridge port."""

    def __init__(self, name: str) -> None:
        self.fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.fd, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TAP | _IFF_NO_PI))

    def listen(self, name: str) -> None:
        """Hears what the kernel took from the tap, once the device exists and is up."""
        self.marks = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
        # Of what comes in through a bridge port only sockets for every protocol hear.
        self.marks.bind((name, _ETH_P_ALL))

    def send(self, frame: bytes, number: int) -> None:
        os.write(self.fd, frame)
        mark = b"\x02\0\0\0\0\x02" + b"\x02\0\0\0\0\x01" + struct.pack("!HQ", _ETH_P_MARK, number)
        os.write(self.fd, mark.ljust(60, b"\0"))
        if not any(heard.startswith(mark) for heard in drained(self.marks)):
            raise RuntimeError("the mark that follows a packet did not come through at once")

    def received(self) -> list[bytes]:
        frames = []
        try:
            while True:
                frames.append(os.read(self.fd, 4000))
        except BlockingIOError:
            return frames


def drained(heard: socket.socket) -> list[bytes]:
    packets = []
    try:
        while True:
            packets.append(heard.recv(4000))
    except BlockingIOError:
        return packets


class Connections:
    """conntrack's table, by netlink: a tool for each packet would cost more than the packet."""

    def __init__(self) -> None:
        self._netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
        self._netlink.bind((0, 0))

    def flush(self) -> None:
        self._ask(_CT_DELETE, _REQUEST | _ACK, socket.AF_UNSPEC, b"")

    def add(self, family: int, attributes: bytes) -> None:
        self._ask(_CT_NEW, _REQUEST | _ACK | _CREATE, family, attributes)

    def _ask(self, message: int, flags: int, family: int, attributes: bytes) -> None:
        body = struct.pack("=BBH", family, 0, 0) + attributes
        head = struct.pack("=IHHII", 16 + len(body), _NFNL_SUBSYS_CTNETLINK << 8 | message, flags, 1, 0)
        self._netlink.send(head + body)
        answer = self._netlink.recv(4000)
        error = struct.unpack_from("=i", answer, 16)[0] if struct.unpack_from("=H", answer, 4)[0] == _NLMSG_ERROR else 0
        if error:
            raise OSError(-error, "conntrack refused")


class Tracer:
    """What `nft monitor trace` listens to: each rule that a traced packet meets, and its verdict."""

    def __init__(self) -> None:
        self._netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, _NETLINK_NETFILTER)
        self._netlink.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 1 << 24)
        self._netlink.bind((0, 0))
        self._netlink.setsockopt(_SOL_NETLINK, 1, _NFNLGRP_NFTRACE)

    def events(self) -> list[dict[str, object]]:
        return [event(message) for packet in drained(self._netlink) for message in messages(packet)]


def messages(packet: bytes) -> list[bytes]:
    found = []
    while len(packet) >= 16:
        length = struct.unpack_from("=I", packet)[0]
        found.append(packet[:length])
        packet = packet[(length + 3) & ~3 :]
    return found


def attributes(data: bytes) -> list[tuple[int, bytes]]:
    found = []
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        found.append((kind & 0x3FFF, data[4:length]))
        data = data[(length + 3) & ~3 :]
    return found


def event(message: bytes) -> dict[str, object]:
    """include/uapi/linux/netfilter/nf_tables.h NFTA_TRACE_*."""
    told: dict[str, object] = {"family": message[16]}
    for kind, value in attributes(message[20:]):
        if kind in _TRACE_TEXTS:
            told[_TRACE_TEXTS[kind]] = value.rstrip(b"\0").decode()
        elif kind == 3:
            told["handle"] = struct.unpack("!Q", value)[0]
        elif kind == 4:
            told["type"] = struct.unpack("!I", value)[0]
        elif kind == 5:
            code = dict(attributes(value)).get(1, b"\0\0\0\0")
            told["verdict"] = _VERDICTS.get(struct.unpack("!I", code)[0], "other")
        elif kind == 16:
            told["policy"] = _VERDICTS.get(struct.unpack("!I", value)[0], "other")
    return told


class Host:
    """What this host hears of its IP stack, and what it sends."""

    def __init__(self, bridge: str) -> None:
        flags = socket.SOCK_RAW | socket.SOCK_NONBLOCK
        self._ears = [
            socket.socket(family, flags, protocol)
            for family, protocols in ((socket.AF_INET, (1, 6, 17)), (socket.AF_INET6, (6, 17, 58)))
            for protocol in protocols
        ]
        for ear in self._ears:
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        index = socket.if_nametoindex(bridge)
        for group in ("ff02::1:2", "ff02::2"):
            self._ears[-1].setsockopt(
                socket.IPPROTO_IPV6,
                socket.IPV6_JOIN_GROUP,
                socket.inet_pton(socket.AF_INET6, group) + struct.pack("=I", index),
            )
        self._out = socket.socket(socket.AF_INET, flags, socket.IPPROTO_RAW)
        self._out.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self._out6 = socket.socket(socket.AF_INET6, flags, socket.IPPROTO_RAW)
        for out in (self._out, self._out6):
            out.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, bridge.encode())

    def received(self) -> list[bytes]:
        return [packet for ear in self._ears for packet in drained(ear)]

    def send(self, packet: bytes) -> None:
        """A packet that a rule kills in OUTPUT is an error of the call (EPERM), or of REJECT's answer."""
        try:
            if packet[0] >> 4 == 4:
                self._out.sendto(packet, (socket.inet_ntop(socket.AF_INET, packet[16:20]), 0))
            else:
                self._out6.sendto(packet, (socket.inet_ntop(socket.AF_INET6, packet[24:40]), 0))
        except OSError as error:
            if error.errno not in {1, 111, 113, 101, 13}:
                raise


class Worker:
    def __init__(self, bridge: str, ports: dict[str, str]) -> None:
        self._taps = {letter: Tap(name) for letter, name in ports.items()}
        self._bridge, self._ports = bridge, ports
        self._number = 0
        self._tracer: Tracer | None = None

    def ready(self) -> None:
        self._host = Host(self._bridge)
        self._connections = Connections()
        for letter, name in self._ports.items():
            self._taps[letter].listen(name)

    def answer(self, asked: dict) -> dict:
        if "run" in asked:
            return run(asked["run"], asked.get("input", ""))
        if "trace" in asked:
            self._tracer = Tracer() if asked["trace"] else None
            return {}
        if "ready" in asked:
            self.ready()
            return {}
        told = [self._sent(packet) for packet in asked["send"]]
        return {"arrived": [places for places, _ in told], "traces": [events for _, events in told]}

    def _sent(self, packet: dict) -> tuple[list[str], list[dict]]:
        self._number += 1
        self._connections.flush()
        if packet.get("connection"):
            self._connections.add(packet["family"], bytes.fromhex(packet["connection"]))
        if self._tracer:
            self._tracer.events()
        frame, magic, origin = bytes.fromhex(packet["frame"]), bytes.fromhex(packet["magic"]), packet["port"]
        if origin:
            self._taps[origin].send(frame, self._number)
        else:
            self._host.send(frame)
        heard = {letter: tap.received() for letter, tap in self._taps.items()} | {"host": self._host.received()}
        places = [place for place, frames in heard.items() if place != (origin or "host") and found(magic, frames)]
        if packet.get("answer") and found(bytes.fromhex(packet["answer"]), heard[origin]):
            places.append("host")
        return places, self._tracer.events() if self._tracer else []


def found(word: bytes, frames: list[bytes]) -> bool:
    return any(word in frame for frame in frames)


def run(commands: list[list[str]], text: str) -> dict:
    done = None
    for words in commands:
        done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            break
    return {"status": done.returncode, "out": done.stdout, "err": done.stderr}


def main() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    bridge, *ports = sys.argv[1:]
    worker = Worker(bridge, dict(zip("abc", ports, strict=True)))
    for line in sys.stdin:
        sys.stdout.write(json.dumps(worker.answer(json.loads(line))) + "\n")
        sys.stdout.flush()


main()
