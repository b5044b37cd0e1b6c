"""Runs in a site: sends frames in at one place and says where else they were seen. One JSON object a line, in and out.

    {"packets": [packet, ...]}    -> {"heard": [[ear, ...], ...]}, for each packet who heard it
    {"run": [word, ...]}          -> {"status", "out"}
    {"collect": [name, ...]}      -> {question: answer}, as a snapshot has it
    {"listen": true}              -> {}

A packet is {"send": place, "frame": hex, "look": [hex, ...]} or {"udp": [port, address, port], "payload": hex, "look"},
or "free" as "udp", with the sender's own address as a fourth; `look` is what to look for. Several packets are sent one
after the other, and then waited for together.

Places and ears: A and B (taps, read and written as their guests would), uplink and wan (the far end of a veth), raw (a
packet socket on the bridge). Ears besides: bridge (a packet socket on the bridge, what comes in), bridge-out, tap (a
packet socket on A's tap), udp (sockets with these ports), stack (raw IP sockets: whatever passed INPUT).
A free packet is sent by a socket that is bound to an address and to no device.

One CPU: a tap's write() ends when every ear has the frame; a veth's far end hears it in the softirq after.
"""

import contextlib
import fcntl
import json
import os
import select
import socket
import struct
import subprocess
import sys

import msgspec

from pxedoctor.access.live import LiveHost
from pxedoctor.collect.gather import gather

_TUNSETIFF = 0x400454CA
_IFF_TAP, _IFF_NO_PI = 0x0002, 0x1000
_ETH_P_ALL = 0x0003
_OUTGOING = 4
_IPV6_ADD_MEMBERSHIP = 20
_UDP_PORTS = (67, 69, 53, 4011, 547)
_QUIET_SECONDS = 0.012


def open_tap(name: str) -> int:
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TAP | _IFF_NO_PI))
    return tap


def packet_socket(device: str) -> socket.socket:
    ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
    ear.bind((device, _ETH_P_ALL))
    ear.setblocking(False)
    return ear


def udp_socket(device: str, port: int) -> socket.socket:
    kind = socket.AF_INET6 if port == 547 else socket.AF_INET
    ear = socket.socket(kind, socket.SOCK_DGRAM)
    for option in (socket.SO_REUSEADDR, socket.SO_BROADCAST):
        ear.setsockopt(socket.SOL_SOCKET, option, 1)
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
    if port == 547:
        group = socket.inet_pton(socket.AF_INET6, "ff02::1:2")
        request = group + struct.pack("@I", socket.if_nametoindex(device))
        ear.setsockopt(socket.IPPROTO_IPV6, _IPV6_ADD_MEMBERSHIP, request)
    ear.bind(("::" if port == 547 else "", port))
    ear.setblocking(False)
    return ear


class Ground:
    def __init__(self, bridge: str, taps: list[str], peers: list[str]) -> None:
        self.bridge = bridge
        self.taps = dict(zip("AB", (open_tap(name) for name in taps), strict=True))
        self.tap_names = dict(zip("AB", taps, strict=True))
        self.peers = dict(zip(("uplink", "wan"), peers, strict=True))

    def listen(self) -> None:
        self.wires = {name: packet_socket(device) for name, device in self.peers.items()}
        self.raw = packet_socket(self.bridge)
        self.tap = packet_socket(self.tap_names["A"])
        self.udp = {port: udp_socket(self.bridge, port) for port in _UDP_PORTS}
        kinds = [(socket.AF_INET, 17), (socket.AF_INET, 6), (socket.AF_INET, 1)]
        kinds += [(socket.AF_INET6, 17), (socket.AF_INET6, 58)]
        self.stack = [socket.socket(kind, socket.SOCK_RAW, protocol) for kind, protocol in kinds]
        for ear in self.stack:
            # The far ends of the wires are devices of this host too.
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self.bridge.encode())
            ear.setblocking(False)

    def ears(self) -> dict[int, str]:
        named = {tap: name for name, tap in self.taps.items()}
        named |= {wire.fileno(): name for name, wire in self.wires.items()}
        named |= {self.raw.fileno(): "bridge", self.tap.fileno(): "tap"}
        named |= {ear.fileno(): "udp" for ear in self.udp.values()}
        return named | {ear.fileno(): "stack" for ear in self.stack}

    def heard(self, looks: list[list[bytes]]) -> list[set[str]]:
        ears = self.ears()
        packets = {wire.fileno(): wire for wire in (*self.wires.values(), self.raw, self.tap)}
        found: list[set[str]] = [set() for _ in looks]
        while ready := select.select(list(ears), [], [], _QUIET_SECONDS)[0]:
            for ear in ready:
                name = ears[ear]
                if ear in packets:
                    frame, place = packets[ear].recvfrom(4000)
                    if place[2] == _OUTGOING:
                        name += "-out"
                else:
                    frame = os.read(ear, 4000)
                for look, hearers in zip(looks, found, strict=True):
                    if any(word in frame for word in look):
                        hearers.add(name)
        return found

    def send(self, asked: dict) -> None:
        if "udp" in asked:
            own, address, port = asked["udp"]
            to = (address, port, 0, socket.if_nametoindex(self.bridge)) if ":" in address else (address, port)
            self.udp[own].sendto(bytes.fromhex(asked["payload"]), to)
            return
        if "free" in asked:
            port, address, to_port, source = asked["free"]
            with socket.socket(socket.AF_INET6 if ":" in source else socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sender.bind((source, port))
                sender.sendto(bytes.fromhex(asked["payload"]), (address, to_port))
            return
        place, frame = asked["send"], bytes.fromhex(asked["frame"])
        if place in self.taps:
            os.write(self.taps[place], frame)
        elif place == "raw":
            self.raw.send(frame)
        else:
            self.wires[place].send(frame)


def answer(ground: Ground, asked: dict) -> dict:
    if "run" in asked:
        done = subprocess.run(asked["run"], check=False, capture_output=True, text=True, input=asked.get("input"))
        return {"status": done.returncode, "out": done.stdout + done.stderr}
    if "collect" in asked:
        return msgspec.to_builtins(gather(LiveHost(), frozenset(asked["collect"]), lambda _: None).answers)
    if "listen" in asked:
        ground.listen()
        return {}
    for one in asked["packets"]:
        # A rule that drops in OUTPUT tells the sender so, and a tap that is down its guest.
        with contextlib.suppress(OSError):
            ground.send(one)
    heard = ground.heard([[bytes.fromhex(word) for word in one["look"]] for one in asked["packets"]])
    return {"heard": [sorted(ears) for ears in heard]}


def tell(words: dict) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    bridge, *devices = sys.argv[1:]
    ground = Ground(bridge, devices[:2], devices[2:])
    tell({"ready": True})
    for line in sys.stdin:
        tell(answer(ground, json.loads(line)))


main()
