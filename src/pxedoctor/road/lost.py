"""Whether a large packet came to a probe: what its fetches of a boot file say about the sizes that pass.

The first block of TFTP is the first large packet of a boot. Where the server has agreed to a block size (a small
packet, from the very port that the data come from) and no block ever came, what was lost was lost for its size. HTTP
is the same after the first line of an answer.
"""

import msgspec

from pxedoctor.findings.outcome import Evidence
from pxedoctor.model.observation import Probed, SeenFetch
from pxedoctor.model.target import Facts, Target
from pxedoctor.road.narrow import TFTP_OVERHEAD, TFTP_OVERHEAD6, USUAL
from pxedoctor.road.probed import named

# RFC 1350: with blocks of 512 bytes a packet is hardly larger than an offer.
_SMALL_BLOCK = 512
_OVER_IPV6 = "tftp://["


class Lost(msgspec.Struct, frozen=True):
    """A packet of `size` bytes, without Ethernet's header, was sent and did not come, and how that is known.

    `block`: bytes of TFTP's block in it; 0 where it was none.
    """

    size: int
    evidence: Evidence
    block: int = 0


class Fetched(msgspec.Struct, frozen=True):
    """A packet of `size` bytes came through."""

    size: int


def large_packet(facts: Facts, target: Target) -> Lost | Fetched | None:
    """Of the last fetch that tells; None where none does."""
    told = [_of(probe, fetch) for probe in facts.probed(target.id) for fetch in probe.fetches]
    return next((entry for entry in reversed(told) if entry is not None), None)


def _of(probe: Probed, fetch: SeenFetch) -> Lost | Fetched | None:
    silent = fetch.outcome == "silent"
    overhead = TFTP_OVERHEAD6 if fetch.url.startswith(_OVER_IPV6) else TFTP_OVERHEAD
    if fetch.url.startswith("tftp:") and fetch.block_size > _SMALL_BLOCK:
        if fetch.received >= fetch.block_size:
            return Fetched(fetch.block_size + overhead)
        block = fetch.block_size if fetch.size is None else min(fetch.size, fetch.block_size)
        if silent and fetch.received == 0 and block > _SMALL_BLOCK:
            agreed = f"the server agreed to blocks of {fetch.block_size} bytes, and the first, of {block}, never came"
            return Lost(block + overhead, Evidence(agreed, named(probe), fetch.url), block)
    if fetch.url.startswith("http:") and silent and fetch.status is not None and _is_stalled(fetch):
        text = f"the answer's head came (status {fetch.status}), and of what follows {fetch.received} bytes"
        return Lost(USUAL, Evidence(text, named(probe), fetch.url))
    return None


def _is_stalled(fetch: SeenFetch) -> bool:
    """Nothing came that would have filled a packet, and more than one packet was announced."""
    return fetch.received < _SMALL_BLOCK and (fetch.size is None or fetch.size > USUAL)
