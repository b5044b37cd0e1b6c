"""Runs in a site: loads rulesets, sends packets into INPUT, and says which arrived. One JSON object a line, in and out.

    {"load": text, "program": "iptables-nft"}                    -> {"saved": text}
    {"device": name, "protocol", "source", "destination", "ports": [from, to]} -> {"arrived": bool}
    {"run": [word, ...]}                                         -> {"status": number}

Raw IP sockets see every packet that has passed INPUT (net/ipv4/ip_input.c ip_protocol_deliver_rcu), whoever listens.
After each packet a frame of another kind takes the same way, up to an AF_PACKET socket: once it is there, the packet
has arrived or never will. One CPU, so that the two cannot overtake each other.
"""

import json
import os
import select
import socket
import struct
import subprocess
import sys
from pathlib import Path

_ETH_P_IP, _ETH_P_LOCAL = 0x0800, 0x88B5
_PROTOCOLS = {"udp": 17, "tcp": 6}


def checksum(words: bytes) -> int:
    total = sum(struct.unpack(f"!{len(words) // 2}H", words))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip_packet(asked: dict, number: int) -> bytes:
    source, destination = socket.inet_aton(asked["source"]), socket.inet_aton(asked["destination"])
    protocol = _PROTOCOLS[asked["protocol"]]
    if protocol == 17:
        payload = struct.pack("!HHHHQ", *asked["ports"], 16, 0, number)
    else:
        syn = struct.pack("!HHIIBBHHH", *asked["ports"], number, 0, 5 << 4, 2, 1024, 0, 0)
        pseudo = source + destination + struct.pack("!HH", 6, len(syn))
        payload = syn[:16] + struct.pack("!H", checksum(pseudo + syn)) + syn[18:]
    head = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), number & 0xFFFF, 0, 64, protocol, 0, source, destination
    )
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


class Wire:
    """The far end of one veth: what it sends comes in on `device`."""

    def __init__(self, device: str) -> None:
        self.mac = bytes.fromhex(Path(f"/sys/class/net/{device}/address").read_text().strip().replace(":", ""))
        self.out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.out.bind((f"{device}p", 0))
        self.marks = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_LOCAL))
        self.marks.bind((device, _ETH_P_LOCAL))

    def send(self, packet: bytes, broadcast: bool, number: int) -> None:
        to, own = (b"\xff" * 6 if broadcast else self.mac), b"\x02\x00\x00\x00\x00\x01"
        self.out.send(to + own + struct.pack("!H", _ETH_P_IP) + packet)
        mark = self.mac + own + struct.pack("!HQ", _ETH_P_LOCAL, number)
        self.out.send(mark.ljust(60, b"\0"))
        while select.select([self.marks], [], [], 5)[0]:
            if struct.unpack("!Q", self.marks.recv(100)[14:22])[0] == number:
                return
        raise TimeoutError("the mark did not come through")


def main() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    wires = {device: Wire(device) for device in sys.argv[1:]}
    ears = [socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol) for protocol in _PROTOCOLS.values()]
    for number, line in enumerate(sys.stdin, start=1):
        asked = json.loads(line)
        if "run" in asked:
            answer = {"status": subprocess.run(asked["run"], check=False).returncode}
        elif "load" in asked:
            program = asked["program"]
            subprocess.run([f"{program}-restore"], input=asked["load"], text=True, check=True)
            answer = {"saved": subprocess.run([f"{program}-save"], capture_output=True, text=True, check=True).stdout}
        else:
            packet = ip_packet(asked, number)
            wires[asked["device"]].send(packet, asked["destination"] == "255.255.255.255", number)
            heard = [ear.recv(2000) for ear in select.select(ears, [], [], 0)[0]]
            answer = {"arrived": packet in heard}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


main()
