"""Whose IPv6 multicast queries bridges hear, in one netlink dump: ip(8) tells it in newer releases only.

A line is a JSON list: the bridge, and the index of the port through which an IPv6 querier is heard; 0: the bridge
itself queries, null: there is none, or the kernel is older than 5.16. It needs no rights.

Sources: include/uapi/linux/if_link.h IFLA_BR_MCAST_QUERIER_STATE, if_bridge.h BRIDGE_QUERIER_*; net/bridge/
br_multicast.c br_multicast_dump_querier_state, which leaves out a querier whose time has run out.
"""

import json
import struct
import sys
from collections.abc import Iterator

from pxedoctor.access.netlink_attribute import Attributes, attributes
from pxedoctor.access.netlink_socket import DUMP, asked, opened, text_of, written

QUERIERS = "bridges multicast queriers"

_NETLINK_ROUTE, _GET_LINK = 0, 18
_IFINFOMSG = struct.Struct("=BxHiII")
_NAME, _LINK_INFO, _KIND, _DATA = 3, 18, 1, 2
_NESTED = 0x8000
_QUERIER_STATE, _ADDRESS, _PORT = 47, 5, 6
# A link is some 2 kB; the kernel leaves out those that are no bridges.
_MOST_BYTES = 32 * 1024 * 1024


def queriers() -> Iterator[str]:
    wanted = written(_LINK_INFO | _NESTED, written(_KIND, b"bridge"))
    with opened(_NETLINK_ROUTE) as link:
        for message in asked(link, _GET_LINK, DUMP, _IFINFOMSG.pack(0, 0, 0, 0, 0) + wanted, _MOST_BYTES):
            found = attributes(message, _IFINFOMSG.size)
            info = attributes(found.get(_LINK_INFO, b""))
            # Kernels before 4.6 take no notice of what was wanted, and send every link.
            if text_of(info.get(_KIND)) == "bridge":
                yield _told(text_of(found.get(_NAME)), attributes(info.get(_DATA, b"")))


def _told(bridge: str, data: Attributes) -> str:
    state = attributes(data.get(_QUERIER_STATE, b""))
    port = int.from_bytes(state.get(_PORT, b"")[:4], sys.byteorder)
    return json.dumps([bridge, port if _ADDRESS in state else None])
