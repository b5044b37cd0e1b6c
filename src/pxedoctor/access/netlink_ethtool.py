"""The features of all network devices in one netlink dump: what `ethtool -k DEVICE` tells of one.

A line is a JSON list: the device, and the features that are on, by the names that ethtool prints. It needs no rights.

Sources: include/uapi/linux/genetlink.h, ethtool_netlink.h; net/ethtool/features.c: of the features that are on the
kernel sends a bit set without a mask, that is, a list.
"""

import json
import struct
from collections.abc import Iterator

from pxedoctor.access.netlink_attribute import attribute, attributes, spans
from pxedoctor.access.netlink_socket import ACKNOWLEDGE, DUMP, asked, opened, text_of, written

FEATURES = "ethtool features"

_NETLINK_GENERIC = 16
_GENERIC_HEADER = struct.Struct("=BBH")
_CONTROL, _GET_FAMILY, _FAMILY_ID, _FAMILY_NAME = 0x10, 3, 1, 2
_GET_FEATURES, _VERSION = 11, 1
_HEADER, _ACTIVE = 1, 4
_NESTED = 0x8000
_DEVICE_NAME = 2
_BITS, _BIT, _BIT_NAME = 3, 1, 2
# A device has some 60 features, of which the kernel sends four lists with names: about 6 kB.
_MOST_BYTES = 32 * 1024 * 1024


def features() -> Iterator[str]:
    """OSError where this kernel has no ethtool netlink (before 5.7)."""
    with opened(_NETLINK_GENERIC) as link:
        name = _GENERIC_HEADER.pack(_GET_FAMILY, 1, 0) + written(_FAMILY_NAME, b"ethtool\0")
        families = list(asked(link, _CONTROL, ACKNOWLEDGE, name, _MOST_BYTES))
        (family,) = struct.unpack("=H", attribute(families[0], _FAMILY_ID, _GENERIC_HEADER.size)[:2])
        request = _GENERIC_HEADER.pack(_GET_FEATURES, _VERSION, 0) + written(_HEADER | _NESTED, b"")
        for message in asked(link, family, DUMP, request, _MOST_BYTES):
            found = attributes(message, _GENERIC_HEADER.size)
            device = text_of(attribute(found.get(_HEADER, b""), _DEVICE_NAME, 0))
            yield json.dumps([device, *_names(attribute(found.get(_ACTIVE, b""), _BITS, 0))])


def _names(bits: bytes) -> list[str]:
    return [
        text_of(attribute(bits[start:end], _BIT_NAME, 0))
        for kind, start, end in spans(bits, 0, len(bits))
        if kind == _BIT
    ]
