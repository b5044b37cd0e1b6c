"""Frames of several ports in one file, and what is said of each."""

from pathlib import Path

from scapy.utils import RawPcapNgReader

from pxedoctor.cli.capture import Capture
from pxedoctor.probe.asking import Frame

CONTENT = bytes(60)


def test_each_port_is_an_interface_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "probe.pcapng"
    capture = Capture(str(path))
    for port in ("pxp1n0", "pxp1n1", "pxp1n0"):
        capture.record(Frame(when=1.5, direction="out", content=CONTENT, port=port, bridge="br0", comment=f"of {port}"))
    with RawPcapNgReader(str(path)) as reader:
        found = [(meta.ifname, meta.comments) for _, meta in reader]
    assert found == [
        (b"pxp1n0", [b"of pxp1n0"]),
        (b"pxp1n1", [b"of pxp1n1"]),
        (b"pxp1n0", [b"of pxp1n0"]),
    ]


def test_a_full_disk_does_not_end_the_probe(tmp_path: Path) -> None:
    path = tmp_path / "probe.pcapng"
    capture = Capture(str(path))
    with open("/dev/full", "wb", buffering=0) as full:
        capture._file.close()
        capture._file = full
        for _ in range(2):
            capture.record(Frame(when=1.5, direction="out", content=CONTENT, port="p", bridge="br0"))
    assert capture.failed is not None
    assert capture.failed.strerror == "No space left on device"


def test_an_open_sum_is_explained_and_hostile_words_are_escaped(tmp_path: Path) -> None:
    path = tmp_path / "probe.pcapng"
    Capture(str(path)).record(
        Frame(when=1.5, direction="in", content=CONTENT, marked=True, comment="a\x1b[2Jb", port="p", bridge="br0")
    )
    with RawPcapNgReader(str(path)) as reader:
        (_, meta), *_ = list(reader)
    assert meta.comments == [rb"a\x1b[2Jb; its UDP sum is still to be filled (offloaded): no fault of this frame"]
