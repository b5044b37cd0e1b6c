"""What nf_tables says when somebody has changed it: the last message of each transaction names the process.

Sources: include/uapi/linux/netfilter/nf_tables.h (NFT_MSG_NEWGEN, NFTA_GEN_*), net/netfilter/nf_tables_api.c
(nf_tables_fill_gen_info). The name is the task's, 15 characters at most; the pid that of the initial namespace.
"""

import struct
from collections.abc import Iterator

import msgspec

from pxedoctor.access.netlink_attribute import attributes

GROUP = 7  # NFNLGRP_NFTABLES
_SUBSYSTEM = 10  # NFNL_SUBSYS_NFTABLES
_NEW_GENERATION = 15
_HEADER = struct.Struct("=IHHII")
_NFGENMSG = struct.Struct("!BBH")
_GENERATION, _PID, _NAME = 1, 2, 3


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """One transaction is done. `changes`: how many objects it touched, as far as they were told."""

    number: int
    pid: int
    name: str
    changes: int = 0


class Change(msgspec.Struct, frozen=True):
    """One object of a transaction that is not yet told to be done."""


def parse(datagram: bytes) -> tuple[Generation | Change, ...]:
    """The messages of one datagram, in their order; what breaks off is left out."""
    return tuple(_messages(datagram))


def _messages(datagram: bytes) -> Iterator[Generation | Change]:
    at = 0
    while at + _HEADER.size <= len(datagram):
        length, kind, *_ = _HEADER.unpack_from(datagram, at)
        if length < _HEADER.size or at + length > len(datagram):
            return
        if kind >> 8 == _SUBSYSTEM:
            yield _message(kind & 0xFF, datagram[at + _HEADER.size : at + length])
        at += length + 3 & ~3


def _message(kind: int, body: bytes) -> Generation | Change:
    if kind != _NEW_GENERATION:
        return Change()
    try:
        found = attributes(body, _NFGENMSG.size)
    except struct.error:
        found = {}
    name = found.get(_NAME, b"").partition(b"\0")[0].decode(errors="backslashreplace")
    return Generation(number=_number(found.get(_GENERATION)), pid=_number(found.get(_PID)), name=name)


def _number(content: bytes | None) -> int:
    return int.from_bytes(content or b"", "big")
