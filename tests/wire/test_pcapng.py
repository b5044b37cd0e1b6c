"""Captures that tshark and scapy read frame by frame, with their times, directions and comments, and none malformed."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.utils import RawPcapNgReader

from frames import samples
from pxedoctor.wire.pcapng import Direction, interface, packet, section
from tshark import BETWEEN

WHEN = 1_700_000_000.123456789
HOSTILE = "evil\x1b[2J \N{RIGHT-TO-LEFT OVERRIDE} \N{SNOWMAN}\x00"


def capture(*packets: bytes, ports: tuple[str, ...] = ("pxp1n0",)) -> bytes:
    described = (interface(port, f"web01 on {port}") for port in ports)
    return b"".join((section("pxedoctor test"), *described, *packets))


def read(path: Path, *fields: str) -> list[list[str]]:
    words = [word for field in fields for word in ("-e", field)]
    argv = ["tshark", "-r", str(path), "-T", "fields", "-E", f"aggregator={BETWEEN}", *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert not done.stderr.strip().replace('Running as user "root" and group "root". This could be dangerous.', "")
    return [line.split("\t") for line in done.stdout.splitlines()]


def test_tshark_reads_each_frame_with_its_comment(tmp_path: Path) -> None:
    frames = [sample.frame for kind in ("dhcp4", "arp", "tftp") for sample in samples(kind, 50)[:20]]
    sides: tuple[Direction, Direction] = ("out", "in")
    written = [
        packet(number % 2, WHEN + number, frame, sides[number % 2], f"number {number}")
        for number, frame in enumerate(frames)
    ]
    path = tmp_path / "probe.pcapng"
    path.write_bytes(capture(*written, ports=("pxp1n0", "pxp1n1")))
    wanted = ("frame.len", "frame.comment", "frame.interface_name", "frame.packet_flags_direction", "_ws.malformed")
    rows = read(path, *wanted, "frame.time_epoch")
    assert len(rows) == len(frames)
    for number, (frame, row) in enumerate(zip(frames, rows, strict=True)):
        length, comment, name, direction, malformed, when = row
        assert (int(length), comment, malformed) == (len(frame), f"number {number}", "")
        assert name == f"pxp1n{number % 2}"
        assert int(direction, 0) == (2, 1)[number % 2]
        assert float(when) == pytest.approx(WHEN + number, abs=1e-6)


def test_scapy_reads_them_too(tmp_path: Path) -> None:
    frames = [sample.frame for sample in samples("dhcp6", 50)[:20]]
    path = tmp_path / "probe.pcapng"
    path.write_bytes(capture(*(packet(0, WHEN, frame, "in", "hello") for frame in frames)))
    with RawPcapNgReader(str(path)) as reader:
        found = [(content, meta.comments) for content, meta in reader]
    assert found == [(frame, [b"hello"]) for frame in frames]


def test_a_file_that_was_broken_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    frame = samples("dhcp4", 50)[0].frame
    path = tmp_path / "probe.pcapng"
    path.write_bytes(capture(packet(0, WHEN, frame, "in", ""), packet(0, WHEN, frame, "in", ""))[:-7])
    with RawPcapNgReader(str(path)) as reader:
        assert next(reader)[0] == frame


@given(st.binary(max_size=70), st.text(max_size=2000), st.floats(0, 4e9))
def test_any_frame_and_any_comment_make_whole_blocks(frame: bytes, comment: str, when: float) -> None:
    block = packet(0, when, frame, "out", comment)
    length = int.from_bytes(block[4:8], "little")
    assert length == len(block) == int.from_bytes(block[-4:], "little")
    assert length % 4 == 0


def test_a_strangers_words_stay_in_their_comment(tmp_path: Path) -> None:
    frame = samples("dhcp4", 50)[0].frame
    path = tmp_path / "probe.pcapng"
    path.write_bytes(capture(packet(0, WHEN, frame, "in", HOSTILE * 100), packet(0, WHEN, frame, "in", "second")))
    assert [row[0] for row in read(path, "frame.len")] == 2 * [str(len(frame))]
