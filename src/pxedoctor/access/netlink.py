"""Two netlink dumps of nf_tables that no program gives cheaply or at all: its tables with their flags, and its sets.

1. `nft list tables` and `nft list ruleset` read every rule of the host first, once for each table (nft 1.0.6); of the
   listings that do not, none tells whether a table is dormant.
2. No listing of nft names the sets that a rule holds itself, and iptables-nft-save leaves out the rule's look-up.
3. A dump is text, a JSON list a line: [family, table, flags] and [family, table, set, flags].

Sources: include/uapi/linux/netfilter/nf_tables.h, nfnetlink.h, netlink.h. The socket loads nothing where nf_tables is
in the kernel, which is what the caller has to know.
"""

import json
import os
import socket
import struct
from collections.abc import Callable, Iterator

from pxedoctor.access.answer import Answer, Failed, Forbidden, Text

TABLES = "nf_tables tables"
SETS = "nf_tables sets"

_NETLINK_NETFILTER = 12
_SUBSYSTEM = 10 << 8  # NFNL_SUBSYS_NFTABLES
_GET_TABLE, _GET_SET = 1, 10
_REQUEST, _DUMP = 0x1, 0x300
_ERROR, _DONE = 2, 3
_HEADER = struct.Struct("=IHHII")
_NFGENMSG = struct.Struct("!BBH")
_ATTRIBUTE = struct.Struct("=HH")
_TYPE_MASK = 0x3FFF
# NFPROTO_* (include/uapi/linux/netfilter.h), as nft calls them.
_FAMILIES = {1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}
_SECONDS = 10
_BUFFER = 64 * 1024
# Of a host with more sets or tables than this nobody needs to know the rest.
_MOST_BYTES = 32 * 1024 * 1024


def dump(what: str) -> Answer:
    """Text, Forbidden without CAP_NET_ADMIN, or Failed with the kernel's reason."""
    get, line_of = _DUMPS[what]
    try:
        return Text("".join(f"{line}\n" for message in _messages(get) if (line := line_of(message))))
    except PermissionError as error:
        return Forbidden(f"{what}: {error.strerror}")
    except (OSError, struct.error) as error:
        return Failed(f"{what}: {error}")


def _messages(get: int) -> Iterator[bytes]:
    """The bodies of all messages of a dump, each beginning with its nfgenmsg."""
    request = _NFGENMSG.pack(0, 0, 0)
    size = _HEADER.size + len(request)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_NETFILTER) as link:
        link.settimeout(_SECONDS)
        link.send(_HEADER.pack(size, _SUBSYSTEM | get, _REQUEST | _DUMP, 1, 0) + request)
        taken = 0
        while taken < _MOST_BYTES:
            block = link.recv(_BUFFER)
            taken += len(block)
            at = 0
            while at + _HEADER.size <= len(block):
                length, kind, *_ = _HEADER.unpack_from(block, at)
                body = block[at + _HEADER.size : at + length]
                if kind == _DONE:
                    return
                if kind == _ERROR:
                    _refuse(body)
                yield body
                at += max(_HEADER.size, length + 3 & ~3)
    raise OSError(f"the dump is larger than {_MOST_BYTES} bytes")


def _refuse(body: bytes) -> None:
    (status,) = struct.unpack_from("=i", body)
    if status:
        raise OSError(-status, os.strerror(-status))


def _attributes(message: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = _NFGENMSG.size
    while at + _ATTRIBUTE.size <= len(message):
        length, kind = _ATTRIBUTE.unpack_from(message, at)
        if length < _ATTRIBUTE.size:
            break
        found[kind & _TYPE_MASK] = message[at + _ATTRIBUTE.size : at + length]
        at += length + 3 & ~3
    return found


def _family(message: bytes) -> str:
    number = message[0]
    return _FAMILIES.get(number, str(number))


def _name(attribute: bytes | None) -> str:
    return (attribute or b"").rstrip(b"\0").decode("utf-8", errors="backslashreplace")


def _number(attribute: bytes | None) -> int:
    return int.from_bytes(attribute or b"", "big")


def _table(message: bytes) -> str:
    """NFTA_TABLE_NAME 1, NFTA_TABLE_FLAGS 2."""
    found = _attributes(message)
    return json.dumps([_family(message), _name(found.get(1)), _number(found.get(2))])


def _set(message: bytes) -> str:
    """NFTA_SET_TABLE 1, NFTA_SET_NAME 2, NFTA_SET_FLAGS 3."""
    found = _attributes(message)
    return json.dumps([_family(message), _name(found.get(1)), _name(found.get(2)), _number(found.get(3))])


_DUMPS: dict[str, tuple[int, Callable[[bytes], str]]] = {TABLES: (_GET_TABLE, _table), SETS: (_GET_SET, _set)}
