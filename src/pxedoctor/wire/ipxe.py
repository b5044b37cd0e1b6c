"""Sub-options of DHCPv4 option 175: what iPXE tells of itself, and what it lets itself be told.

iPXE src/include/ipxe/dhcp.h (DHCP_EB_*) and src/include/ipxe/features.h (DHCP_EB_FEATURE_*).
"""

from collections.abc import Iterable
from typing import Any

from pxedoctor.wire.formats import BYTES, TEXT, UINT8
from pxedoctor.wire.options import Known, Option

PRIORITY = Known(0x01, "priority", UINT8)
KEEP_SAN = Known(0x08, "keep-san", UINT8)
SKIP_SAN_BOOT = Known(0x09, "skip-san-boot", UINT8)
SCRIPTLET = Known(0x51, "scriptlet", TEXT)
SYSLOG_SERVER = Known(0x55, "syslogs", TEXT)
# 1: do not wait for offers of a proxy.
NO_PXE_DHCP = Known(0xB0, "no-pxedhcp", UINT8)
# One byte of bus type, then vendor and device.
BUS_ID = Known(0xB1, "bus-id", BYTES)
USE_CACHED = Known(0xB2, "use-cached", UINT8)
SAN_FILE = Known(0xBC, "san-filename", TEXT)
BIOS_DRIVE = Known(0xBD, "san-drive", UINT8)
USER_NAME = Known(0xBE, "username", TEXT)
PASSWORD = Known(0xBF, "password", TEXT)
VERSION = Known(0xEB, "version", BYTES)

KNOWN: tuple[Known[Any], ...] = (
    PRIORITY,
    KEEP_SAN,
    SKIP_SAN_BOOT,
    SCRIPTLET,
    SYSLOG_SERVER,
    NO_PXE_DHCP,
    BUS_ID,
    USE_CACHED,
    SAN_FILE,
    BIOS_DRIVE,
    USER_NAME,
    PASSWORD,
    VERSION,
)

# What this build of iPXE can do: code and name.
FEATURES = {
    0x10: "PXE extensions",
    0x11: "iSCSI",
    0x12: "AoE",
    0x13: "HTTP",
    0x14: "HTTPS",
    0x15: "TFTP",
    0x16: "FTP",
    0x17: "DNS",
    0x18: "bzImage",
    0x19: "Multiboot",
    0x1A: "SLAM",
    0x1B: "SRP",
    0x20: "NBI",
    0x21: "PXE",
    0x22: "ELF",
    0x23: "COMBOOT",
    0x24: "EFI",
    0x25: "FCoE",
    0x26: "VLAN",
    0x27: "Menu",
    0x28: "SDI",
    0x29: "NFS",
}


def features(options: Iterable[Option]) -> tuple[str, ...]:
    """The features that option 175 names, in its order; those that are not known here by number."""
    tagged = (option.code for option in options if 0x10 <= option.code <= 0x2F)
    return tuple(FEATURES.get(code, f"feature {code:#04x}") for code in tagged)
