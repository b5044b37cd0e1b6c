"""What nf_tables tells of a traced packet, one message for each rule that it met: pure, and total.

Sources: include/uapi/linux/netfilter/nf_tables.h (NFT_MSG_TRACE, NFTA_TRACE_*), net/netfilter/nf_tables_trace.c: the
headers come with the first message of each base chain.
"""

import struct
from collections.abc import Callable
from typing import Literal

from pxedoctor.access.netlink_attribute import Attributes, attributes
from pxedoctor.access.netlink_message import messages
from pxedoctor.model.traced import HeardRule
from pxedoctor.wire.mac import read_mac

GROUP = 9  # NFNLGRP_NFTRACE
_SUBSYSTEM, _TRACE = 10, 17
_NFGENMSG = 4
_TABLE, _CHAIN, _HANDLE, _TYPE, _VERDICT, _ID = 1, 2, 3, 4, 5, 6
_LINK_HEADER, _NETWORK_HEADER, _TRANSPORT_HEADER = 7, 8, 9
_IN_INDEX, _OUT_INDEX, _POLICY = 10, 12, 16
_VERDICT_CODE, _VERDICT_CHAIN = 1, 2
_KINDS: dict[int, Literal["rule", "return", "policy"]] = {1: "policy", 2: "return", 3: "rule"}
# linux/netfilter.h NF_*, nf_tables.h NFT_*.
_VERDICTS = {
    0: "drop",
    1: "accept",
    2: "stolen",
    3: "queue",
    0xFFFFFFFF: "continue",
    0xFFFFFFFE: "break",
    0xFFFFFFFD: "jump",
    0xFFFFFFFC: "goto",
    0xFFFFFFFB: "return",
}
_FAMILIES = {1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}
_MAC = slice(6, 12)

# An index to the name of a device; "" for one that has gone.
NameOf = Callable[[int], str]


def parse(datagram: bytes, at: float, name_of: NameOf) -> tuple[HeardRule, ...]:
    """The messages of one datagram in their order; what breaks off is left out."""
    found = []
    for kind, body in messages(datagram):
        if kind == _SUBSYSTEM << 8 | _TRACE and len(body) > _NFGENMSG:
            try:
                found.append(_heard(attributes(body, _NFGENMSG), body[0], at, name_of))
            except (struct.error, KeyError, ValueError):
                continue
    return tuple(found)


def _heard(told: Attributes, family: int, at: float, name_of: NameOf) -> HeardRule:
    verdict = attributes(told[_VERDICT]) if _VERDICT in told else {}
    code = _number(verdict.get(_VERDICT_CODE)) if verdict else _number(told.get(_POLICY, b"\0\0\0\1"))
    link = told.get(_LINK_HEADER, b"")
    return HeardRule(
        at=at,
        mark=_number(told[_ID]),
        family=_FAMILIES.get(family, str(family)),
        table=_text(told.get(_TABLE)),
        chain=_text(told.get(_CHAIN)),
        kind=_KINDS[_number(told[_TYPE])],
        verdict=_VERDICTS.get(code, "queue" if code & 0xFF == 3 else f"verdict {code:#x}"),
        handle=_number(told[_HANDLE]) if _HANDLE in told else None,
        jump=_text(verdict.get(_VERDICT_CHAIN)),
        in_device=name_of(_number(told[_IN_INDEX])) if _IN_INDEX in told else "",
        out_device=name_of(_number(told[_OUT_INDEX])) if _OUT_INDEX in told else "",
        packet=told.get(_NETWORK_HEADER, b"") + told.get(_TRANSPORT_HEADER, b""),
        source_mac=read_mac(link[_MAC]) if len(link) >= _MAC.stop else "",
    )


def _number(content: bytes | None) -> int:
    return int.from_bytes(content or b"", "big")


def _text(content: bytes | None) -> str:
    return (content or b"").partition(b"\0")[0].decode("utf-8", errors="backslashreplace")
