"""MAC addresses: six bytes on the wire, `52:54:00:0d:0d:01` in values (IEEE 802 section 8)."""

import re

from pxedoctor.wire.error import WireError

BROADCAST = "ff:ff:ff:ff:ff:ff"
ZERO = "00:00:00:00:00:00"

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


def require_mac(*macs: str) -> None:
    for mac in macs:
        if not _MAC.fullmatch(mac):
            raise WireError(f"not a MAC address in lower case: {mac!r}")


def read_mac(content: bytes) -> str:
    """`content` is six bytes."""
    return content.hex(":")


def write_mac(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))
