"""tshark's verdict on generated frames agrees with ours, one by one."""

import random
import struct
import subprocess
from ipaddress import IPv4Address
from pathlib import Path

from pxedoctor.wire.checksum import Verdict, folded, pseudo_header
from pxedoctor.wire.ethernet import IPV4, Ethernet
from pxedoctor.wire.ipv4 import UDP, Ipv4
from pxedoctor.wire.udp import Udp, read_udp_frame

FRAMES = 3000
# udp.checksum.status (epan/proto.h, PROTO_CHECKSUM_E_*): Wireshark 4.0 has no word for a partial sum and calls it bad.
STATUS = {"0": {Verdict.BAD, Verdict.PARTIAL}, "1": {Verdict.VALID}, "3": {Verdict.NONE}}


def generated(dice: random.Random) -> bytes:
    source, destination = IPv4Address(dice.getrandbits(32)), IPv4Address(dice.getrandbits(32))
    payload = dice.randbytes(dice.randrange(0, 400))
    # Ports that no dissector claims, so that only UDP itself is judged.
    datagram = Udp(source_port=dice.randrange(50000, 50100), destination_port=50200, payload=payload)
    options = dice.randbytes(0) if dice.random() < 0.8 else bytes((1, 1, 1, 1))
    packet = Ipv4(source=source, destination=destination, protocol=UDP, payload=b"", options=options)
    whole = datagram.in_packet(packet)
    content = Ethernet(destination="02:00:00:00:00:01", source="02:00:00:00:00:02", kind=IPV4, payload=whole.write())
    frame = content.write()
    at = 14 + 20 + len(options) + 6
    pseudo = folded(pseudo_header(source, destination, 8 + len(payload)))
    changed = {"none": 0, "partial": pseudo, "random": dice.randrange(1, 0x10000)}
    kind = dice.choice(["valid", *changed])
    return frame if kind == "valid" else frame[:at] + changed[kind].to_bytes(2) + frame[at + 2 :]


def capture(path: Path, frames: list[bytes]) -> None:
    """The classic format: wiki.wireshark.org/Development/LibpcapFileFormat."""
    records = (struct.pack("<IIII", 0, number, len(frame), len(frame)) + frame for number, frame in enumerate(frames))
    path.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + b"".join(records))


def test_tshark_gives_the_same_verdicts(tmp_path: Path) -> None:
    dice = random.Random(4)
    frames = [generated(dice) for _ in range(FRAMES)]
    capture(tmp_path / "frames.pcap", frames)
    fields = ("ip.src", "ip.dst", "udp.srcport", "udp.length", "udp.checksum.status")
    words = [word for field in fields for word in ("-e", field)]
    argv = ["tshark", "-r", str(tmp_path / "frames.pcap"), "-o", "udp.check_checksum:TRUE", "-T", "fields", *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert len(lines) == FRAMES
    for line, frame in zip(lines, frames, strict=True):
        source, destination, port, length, status = line.split("\t")
        read = read_udp_frame(frame)
        assert (str(read.packet.source), str(read.packet.destination)) == (source, destination)
        assert (read.datagram.source_port, len(read.datagram.payload) + 8) == (int(port), int(length))
        assert read.checksum in STATUS[status], line
