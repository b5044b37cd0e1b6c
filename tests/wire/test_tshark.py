"""tshark reads every frame that is built here as it was meant, and calls none of them malformed.

A part of the 10,000 packets of the record runs every time; PXEDOCTOR_ORACLE_PACKETS=10000 runs all of them.
"""

import os
import random
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from frames import KINDS, samples, write_capture
from pxedoctor.wire import ethernet, frame, ipv4, udp
from pxedoctor.wire.checksum import Verdict, folded, pseudo_header
from pxedoctor.wire.ethernet import IPV4, Ethernet
from pxedoctor.wire.ipv4 import UDP, Ipv4
from pxedoctor.wire.udp import Udp
from tshark import ask, disagreements

PACKETS = int(os.environ.get("PXEDOCTOR_ORACLE_PACKETS", "500"))
# udp.checksum.status (epan/proto.h, PROTO_CHECKSUM_E_*): Wireshark 4.0 has no word for a partial sum and calls it bad.
STATUS = {"0": {Verdict.BAD, Verdict.PARTIAL}, "1": {Verdict.VALID}, "3": {Verdict.NONE}}


@pytest.mark.parametrize("kind", KINDS)
def test_tshark_reads_what_was_meant(kind: str, tmp_path: Path) -> None:
    found = samples(kind, PACKETS)
    assert len(found) >= PACKETS * KINDS[kind].share * 0.9
    assert not disagreements(kind, found, tmp_path)


def generated(dice: random.Random) -> bytes:
    """A UDP frame with a sum that is valid, absent, partial or anything."""
    source, destination = IPv4Address(dice.getrandbits(32)), IPv4Address(dice.getrandbits(32))
    payload = dice.randbytes(dice.randrange(0, 400))
    # Ports that no dissector claims, so that only UDP itself is judged.
    datagram = Udp(source_port=dice.randrange(50000, 50100), destination_port=50200, payload=payload)
    content = udp.build(datagram, source, destination)
    pseudo = folded(pseudo_header(source, destination, len(content)))
    changed = {"none": 0, "partial": pseudo, "random": dice.randrange(1, 0x10000)}
    kind = dice.choice(["valid", *changed])
    if kind != "valid":
        content = content[:6] + changed[kind].to_bytes(2) + content[8:]
    packet = Ipv4(source=source, destination=destination, protocol=UDP, payload=content)
    outer = Ethernet(destination="02:00:00:00:00:01", source="02:00:00:00:00:02", kind=IPV4, payload=ipv4.build(packet))
    return ethernet.build(outer)


def test_tshark_gives_the_same_verdicts_on_sums(tmp_path: Path) -> None:
    dice = random.Random(4)
    whole = [generated(dice) for _ in range(PACKETS)]
    write_capture(tmp_path / "frames.pcap", whole)
    rows = ask(tmp_path / "frames.pcap", ["udp.length", "udp.checksum.status"], "-o", "udp.check_checksum:TRUE")
    for row, content in zip(rows, whole, strict=True):
        read = frame.parse(content)
        assert row["udp.length"] == [str(len(read.datagram.payload) + 8)]
        assert read.checksum in STATUS[row["udp.checksum.status"][0]]
