"""What nf_tables says when somebody has changed it: the last message of each transaction names the process.

Sources: include/uapi/linux/netfilter/nf_tables.h (NFT_MSG_NEWGEN, NFTA_GEN_*), net/netfilter/nf_tables_api.c
(nf_tables_fill_gen_info). The name is the task's, 15 characters at most; the pid that of the initial namespace.
"""

import struct

import msgspec

from pxedoctor.access.netlink_attribute import attributes
from pxedoctor.access.netlink_message import messages

GROUP = 7  # NFNLGRP_NFTABLES
_SUBSYSTEM = 10  # NFNL_SUBSYS_NFTABLES
_NEW_GENERATION = 15
GET_GENERATION = _SUBSYSTEM << 8 | 16  # NFT_MSG_GETGEN
# Its whole body: a struct nfgenmsg of no family (include/uapi/linux/netfilter/nfnetlink.h).
REQUEST = bytes(4)
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
    return tuple(_message(kind & 0xFF, body) for kind, body in messages(datagram) if kind >> 8 == _SUBSYSTEM)


def _message(kind: int, body: bytes) -> Generation | Change:
    return generation_of(body) if kind == _NEW_GENERATION else Change()


def generation_of(body: bytes) -> Generation:
    """What is missing is 0 or empty."""
    try:
        found = attributes(body, _NFGENMSG.size)
    except struct.error:
        found = {}
    name = found.get(_NAME, b"").partition(b"\0")[0].decode(errors="backslashreplace")
    return Generation(number=_number(found.get(_GENERATION)), pid=_number(found.get(_PID)), name=name)


def _number(content: bytes | None) -> int:
    return int.from_bytes(content or b"", "big")
