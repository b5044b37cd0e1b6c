"""scapy reads every frame that is built here as it was meant, and writes the same bytes from what it read.

A part of the 10,000 packets of the record runs every time; PXEDOCTOR_ORACLE_PACKETS=10000 runs all of them.
"""

import os

import pytest

from frames import KINDS, samples
from scapy_witness import disagreements

PACKETS = int(os.environ.get("PXEDOCTOR_ORACLE_PACKETS", "500"))


@pytest.mark.parametrize("kind", KINDS)
def test_scapy_reads_what_was_meant_and_writes_the_same(kind: str) -> None:
    found = samples(kind, PACKETS)
    assert len(found) >= PACKETS * KINDS[kind].share * 0.9
    assert not disagreements(kind, found)
