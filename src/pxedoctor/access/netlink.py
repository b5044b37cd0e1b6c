"""Netlink dumps that no program gives cheaply or at all: of nf_tables the tables with their flags, the sets, the rules.

1. `nft list tables` and `nft list ruleset` read every rule of the host first, once for each table (nft 1.0.6); of the
   listings that do not, none tells whether a table is dormant.
2. No listing of nft names the sets that a rule holds itself, and iptables-nft-save leaves out the rule's look-up.
3. iptables-nft-save prints rules that iptables-nft has not written, and prints some of them wrongly: which ones only
   their expressions tell (access/nft_expression.py). Of a table's rules a dump keeps the number, and those.
4. A dump is text, a JSON list a line: [family, table, flags]; [family, table, set, flags]; of the rules [family, table,
   chain, number of rules] for each chain that has any, and [family, table, chain, number, handle, why] for each that
   iptables-nft has not written; the first rule of a chain is number 1.

The features of devices are in access/netlink_ethtool.py, the queriers of bridges in access/netlink_bridge.py.

Sources: include/uapi/linux/netfilter/nf_tables.h, nfnetlink.h. The socket loads nothing where nf_tables is
in the kernel, which is what the caller has to know.
"""

import json
import socket
import struct
from collections.abc import Callable, Iterator

from pxedoctor.access.answer import Answer, Failed, Forbidden, Text
from pxedoctor.access.netlink_attribute import attribute, attributes
from pxedoctor.access.netlink_bridge import QUERIERS, queriers
from pxedoctor.access.netlink_ethtool import FEATURES, features
from pxedoctor.access.netlink_socket import DUMP, asked, opened, text_of, written
from pxedoctor.access.nft_judge import Judge

TABLES = "nf_tables tables"
SETS = "nf_tables sets"
_RULES = "nf_tables rules"
WORDS_OF_A_CHAIN, WORDS_OF_A_RULE = 4, 6

NETLINK_NETFILTER = 12
SUBSYSTEM = 10 << 8  # NFNL_SUBSYS_NFTABLES
GET_TABLE, GET_CHAIN, _GET_RULE, _GET_SET = 1, 4, 7, 10
NFGENMSG = struct.Struct("!BBH")
# NFPROTO_* (include/uapi/linux/netfilter.h), as nft calls them.
FAMILIES = {1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}
# Of a host with more sets or tables than this nobody needs to know the rest.
_MOST_BYTES = 32 * 1024 * 1024


def rules(family: str, table: str) -> str:
    """What to ask for to have the rules of one table counted and looked at."""
    return f"{_RULES} {family} {table}"


def dump(what: str) -> Answer:
    """Text, Forbidden without CAP_NET_ADMIN, or Failed with the kernel's reason."""
    try:
        return Text("".join(f"{line}\n" for line in _lines(what)))
    except PermissionError as error:
        return Forbidden(f"{what}: {error.strerror}")
    except (OSError, struct.error) as error:
        return Failed(f"{what}: {error}")


def _lines(what: str) -> Iterator[str]:
    if what == FEATURES:
        return features()
    if what == QUERIERS:
        return queriers()
    if what in _DUMPS:
        get, line_of = _DUMPS[what]
        return (line_of(message) for message in _messages(get))
    family, _, table = what.removeprefix(f"{_RULES} ").partition(" ")
    return _rules(family, table)


def _messages(get: int) -> Iterator[bytes]:
    """The bodies of all messages of a dump, each beginning with its nfgenmsg."""
    with opened(NETLINK_NETFILTER) as link:
        yield from dumped(link, get, 0, b"")


def dumped(link: socket.socket, get: int, family: int, wanted: bytes) -> Iterator[bytes]:
    request = NFGENMSG.pack(family, 0, 0) + wanted
    return asked(link, SUBSYSTEM | get, DUMP, request, _MOST_BYTES)


def family_of(message: bytes) -> str:
    number = message[0]
    return FAMILIES.get(number, str(number))


def number_of(attribute: bytes | None) -> int:
    return int.from_bytes(attribute or b"", "big")


def _table(message: bytes) -> str:
    """NFTA_TABLE_NAME 1, NFTA_TABLE_FLAGS 2."""
    found = attributes(message, NFGENMSG.size)
    return json.dumps([family_of(message), text_of(found.get(1)), number_of(found.get(2))])


def _set(message: bytes) -> str:
    """NFTA_SET_TABLE 1, NFTA_SET_NAME 2, NFTA_SET_FLAGS 3."""
    found = attributes(message, NFGENMSG.size)
    return json.dumps([family_of(message), text_of(found.get(1)), text_of(found.get(2)), number_of(found.get(3))])


def _rules(family: str, table: str) -> Iterator[str]:
    """NFTA_CHAIN_TABLE 1, NFTA_CHAIN_NAME 3; NFTA_RULE_HANDLE 3.

    Chain by chain: for each block of a dump the kernel counts again through all rules that it has sent already.
    """
    number = next((number for number, name in FAMILIES.items() if name == family), 0)
    judge = Judge(family)
    with opened(NETLINK_NETFILTER) as link:
        heads = [attributes(message, NFGENMSG.size) for message in dumped(link, GET_CHAIN, number, b"")]
        for chain in [found.get(3, b"") for found in heads if text_of(found.get(1)) == table]:
            wanted = written(1, table.encode() + b"\0") + written(2, chain)
            count = 0
            for message in dumped(link, _GET_RULE, number, wanted):
                count += 1
                if why := judge.foreign(message):
                    handle = number_of(attribute(message, 3, NFGENMSG.size))
                    yield json.dumps([family, table, text_of(chain), count, handle, why])
            yield json.dumps([family, table, text_of(chain), count])


_DUMPS: dict[str, tuple[int, Callable[[bytes], str]]] = {TABLES: (GET_TABLE, _table), SETS: (_GET_SET, _set)}
