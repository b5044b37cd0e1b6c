"""Answers `nft -a list chains` from two netlink dumps, in nft's own words.

nft (1.0.6) clears 0.5 MiB for each table of the host before it prints the first chain, 50 ms for 100 tables, and every
other question about rules waits for this one. The dumps take a tenth of that.

1. The text that nft prints (its src/rule.c: do_list_chains, chain_print_declaration, prio2str).
2. None, and the caller runs nft itself: the kernel refuses, the rules changed meanwhile, or there is a chain of a
   seldom kind: hooked to devices, offloaded, within a rule, of a family or a hook that is not known here.

Source of the numbers: include/uapi/linux/netfilter/nf_tables.h.
"""

import socket
import struct

from pxedoctor.access.netlink import (
    GET_CHAIN,
    GET_TABLE,
    NETLINK_NETFILTER,
    NFGENMSG,
    SUBSYSTEM,
    dumped,
    family_of,
    number_of,
)
from pxedoctor.access.netlink_attribute import Attributes, attributes
from pxedoctor.access.netlink_socket import ACKNOWLEDGE, asked, opened, text_of

QUESTION = ("nft", "-a", "list", "chains")
_GET_GENERATION = 16
_BASE = 1  # NFT_CHAIN_BASE; its other flags are of seldom kinds
_IP_HOOKS = ("prerouting", "input", "forward", "output", "postrouting")
_HOOKS = {"arp": ("input", "output"), "bridge": _IP_HOOKS, "inet": _IP_HOOKS, "ip": _IP_HOOKS, "ip6": _IP_HOOKS}
_POLICIES = ("drop", "accept")
# Name, priority, and the one hook that has it ("": all). Up to so far from it nft prints the name and the distance.
_IP_NAMES = (
    ("raw", -300, ""),
    ("mangle", -150, ""),
    ("dstnat", -100, "prerouting"),
    ("filter", 0, ""),
    ("security", 50, ""),
    ("srcnat", 100, "postrouting"),
)
_NAMES = {
    "arp": (("filter", 0, ""),),
    "bridge": (
        ("dstnat", -300, "prerouting"),
        ("filter", -200, ""),
        ("out", 100, "output"),
        ("srcnat", 300, "postrouting"),
    ),
}
_REACH = 10


class _SeldomError(Exception):
    """Nft itself says it better."""


def listed() -> str | None:
    """The text, or None."""
    try:
        with opened(NETLINK_NETFILTER) as link:
            before = _generation(link)
            # In one piece each: they are small, and a dump that goes on must not meet another on its socket.
            tables = [(family_of(told), _body(told)) for told in list(dumped(link, GET_TABLE, 0, b""))]
            chains = [(family_of(told), _body(told)) for told in list(dumped(link, GET_CHAIN, 0, b""))]
            return _text(tables, chains) if _generation(link) == before else None
    except (OSError, LookupError, struct.error, _SeldomError):
        return None


def _generation(link: socket.socket) -> int:
    """NFTA_GEN_ID 1: another one for each transaction."""
    body = NFGENMSG.pack(0, 0, 0)
    found = [_body(told) for told in asked(link, SUBSYSTEM | _GET_GENERATION, ACKNOWLEDGE, body, 65536)]
    return number_of(found[0].get(1)) if found else 0


def _body(message: bytes) -> Attributes:
    return attributes(message, NFGENMSG.size)


def _text(tables: list[tuple[str, Attributes]], chains: list[tuple[str, Attributes]]) -> str:
    """NFTA_TABLE_NAME and NFTA_CHAIN_TABLE 1."""
    lines = {(family, text_of(told.get(1))): [f"table {family} {text_of(told.get(1))} {{"] for family, told in tables}
    for family, told in chains:
        lines[family, text_of(told.get(1))] += [*_chain(family, told), "\t}"]
    return "".join(f"{line}\n" for told in lines.values() for line in (*told, "}"))


def _chain(family: str, told: Attributes) -> list[str]:
    """NFTA_CHAIN_HANDLE 2, NAME 3, HOOK 4, POLICY 5, TYPE 7, FLAGS 10, USERDATA 12."""
    flags = number_of(told.get(10))
    if flags & ~_BASE or family not in _HOOKS:
        raise _SeldomError
    lines = [f"\tchain {text_of(told.get(3))} {{ # handle {number_of(told.get(2))}", *_comment(told.get(12, b""))]
    if 4 in told:
        hook, priority = _hook(family, attributes(told[4]))
        policy = _POLICIES[number_of(told.get(5))]
        kind = text_of(told.get(7))
        lines.append(f"\t\ttype {kind} hook {hook} priority {_named(priority, family, hook)}; policy {policy};")
    return lines


def _hook(family: str, told: Attributes) -> tuple[str, int]:
    """NFTA_HOOK_HOOKNUM 1, PRIORITY 2, which is signed; more are devices."""
    hook = number_of(told.get(1))
    if set(told) != {1, 2} or hook >= len(_HOOKS[family]):
        raise _SeldomError
    return _HOOKS[family][hook], int.from_bytes(told[2], "big", signed=True)


def _named(priority: int, family: str, hook: str) -> str:
    for name, about, only in _NAMES.get(family, _IP_NAMES):
        distance = priority - about
        if abs(distance) <= _REACH and only in {"", hook}:
            sign = "+" if distance > 0 else "-"
            return f"{name} {sign} {abs(distance)}" if distance else name
    return str(priority)


def _comment(data: bytes) -> list[str]:
    """NFTNL_UDATA_CHAIN_COMMENT 0: kind and length in a byte each, then the comment."""
    return [f'\t\tcomment "{text_of(data[2 : 2 + data[1]])}"'] if data[:1] == b"\0" and len(data) > 2 else []
