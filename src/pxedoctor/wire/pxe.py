"""Sub-options of DHCPv4 option 43 where the message is of PXE: option 60 starts with "PXEClient".

Preboot Execution Environment specification 2.1, tables 2-1 and 2-4.
"""

from ipaddress import IPv4Address
from typing import Any

import msgspec

from pxedoctor.wire.bounds import require_bits, require_size
from pxedoctor.wire.error import WireError
from pxedoctor.wire.formats import ADDRESS4, UINT8, UINT16, exactly
from pxedoctor.wire.options import Format, Known
from pxedoctor.wire.reader import Reader
from pxedoctor.wire.text import read_text, write_text

# Bits of DISCOVERY_CONTROL.
NO_BROADCAST, NO_MULTICAST, ONLY_LISTED, SKIP_DISCOVERY = 1, 2, 4, 8

# Boot from the disk: the first server type of a menu.
LOCAL_BOOT = 0


class BootServers(msgspec.Struct, frozen=True, kw_only=True):
    """Servers of one `type`; with none at all, any server that says so is taken."""

    type: int
    addresses: tuple[IPv4Address, ...]

    def __post_init__(self) -> None:
        require_bits("a boot server type", self.type, 16)
        if len(self.addresses) > 0xFF:
            raise WireError("more than 255 boot servers of one type")


class MenuEntry(msgspec.Struct, frozen=True, kw_only=True):
    type: int
    text: str

    def __post_init__(self) -> None:
        require_bits("a boot server type", self.type, 16)
        write_text(self.text)


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """`seconds` until the first entry is taken: 0 at once, 255 never."""

    seconds: int
    text: str

    def __post_init__(self) -> None:
        require_bits("a menu's seconds", self.seconds, 8)
        write_text(self.text)


class BootItem(msgspec.Struct, frozen=True, kw_only=True):
    """What a boot server is asked for. The high bit of `layer` asks for credentials."""

    type: int
    layer: int

    def __post_init__(self) -> None:
        require_bits("a boot server type", self.type, 16)
        require_bits("a boot item's layer", self.layer, 16)


def _read_servers(content: bytes) -> tuple[BootServers, ...]:
    reader = Reader(content, "a list of boot servers")
    found: list[BootServers] = []
    while reader.left:
        kind, count = reader.number(2, "type"), reader.number(1, "count")
        addresses = tuple(IPv4Address(reader.take(4, "addresses")) for _ in range(count))
        found.append(BootServers(type=kind, addresses=addresses))
    return tuple(found)


def _write_servers(servers: tuple[BootServers, ...]) -> bytes:
    return b"".join(
        server.type.to_bytes(2)
        + bytes((len(server.addresses),))
        + b"".join(address.packed for address in server.addresses)
        for server in servers
    )


def _read_menu(content: bytes) -> tuple[MenuEntry, ...]:
    reader = Reader(content, "a boot menu")
    found: list[MenuEntry] = []
    while reader.left:
        kind = reader.number(2, "type")
        found.append(MenuEntry(type=kind, text=_line(reader.take(reader.number(1, "length"), "text"))))
    return tuple(found)


def _write_menu(menu: tuple[MenuEntry, ...]) -> bytes:
    return b"".join(entry.type.to_bytes(2) + _counted(write_text(entry.text)) for entry in menu)


def _counted(text: bytes) -> bytes:
    require_size("an entry of a boot menu", text, 0xFF)
    return bytes((len(text),)) + text


def _read_prompt(content: bytes) -> Prompt:
    reader = Reader(content, "a menu prompt")
    return Prompt(seconds=reader.number(1, "timeout"), text=_line(reader.rest()))


def _read_item(content: bytes) -> BootItem:
    exactly(4, content)
    return BootItem(type=int.from_bytes(content[:2]), layer=int.from_bytes(content[2:]))


def _line(content: bytes) -> str:
    """A text to show; servers end it with a NUL at times."""
    return read_text(content.partition(b"\0")[0])


MTFTP_ADDRESS = Known(1, "PXE_MTFTP_IP", ADDRESS4)
MTFTP_CLIENT_PORT = Known(2, "PXE_MTFTP_CPORT", UINT16)
MTFTP_SERVER_PORT = Known(3, "PXE_MTFTP_SPORT", UINT16)
MTFTP_TIMEOUT = Known(4, "PXE_MTFTP_TMOUT", UINT8)
MTFTP_DELAY = Known(5, "PXE_MTFTP_DELAY", UINT8)
DISCOVERY_CONTROL = Known(6, "PXE_DISCOVERY_CONTROL", UINT8)
DISCOVERY_MULTICAST = Known(7, "DISCOVERY_MCAST_ADDR", ADDRESS4)
BOOT_SERVERS: Known[tuple[BootServers, ...]] = Known(8, "PXE_BOOT_SERVERS", Format(_read_servers, _write_servers))
BOOT_MENU: Known[tuple[MenuEntry, ...]] = Known(9, "PXE_BOOT_MENU", Format(_read_menu, _write_menu))
MENU_PROMPT: Known[Prompt] = Known(
    10, "PXE_MENU_PROMPT", Format(_read_prompt, lambda value: bytes((value.seconds,)) + write_text(value.text))
)
BOOT_ITEM: Known[BootItem] = Known(
    71, "PXE_BOOT_ITEM", Format(_read_item, lambda item: item.type.to_bytes(2) + item.layer.to_bytes(2))
)

KNOWN: tuple[Known[Any], ...] = (
    MTFTP_ADDRESS,
    MTFTP_CLIENT_PORT,
    MTFTP_SERVER_PORT,
    MTFTP_TIMEOUT,
    MTFTP_DELAY,
    DISCOVERY_CONTROL,
    DISCOVERY_MULTICAST,
    BOOT_SERVERS,
    BOOT_MENU,
    MENU_PROMPT,
    BOOT_ITEM,
)
