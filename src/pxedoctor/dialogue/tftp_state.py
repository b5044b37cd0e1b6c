"""What a TFTP transfer knows at one moment."""

from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address

import msgspec

from pxedoctor.dialogue.profile import TftpHabits
from pxedoctor.wire.bounds import require_bits
from pxedoctor.wire.tftp import BLOCK_SIZE


class TransferState(StrEnum):
    IDLE = "idle"
    SIZING = "sizing"
    ASKING = "asking"
    RECEIVING = "receiving"
    OVER = "over"


class Fetch(msgspec.Struct, frozen=True, kw_only=True):
    """One file to be read. `limit` bytes and `seconds` are the most that it may take."""

    client: IPv4Address | IPv6Address
    server: IPv4Address | IPv6Address
    file: str
    habits: TftpHabits
    limit: int
    seconds: float


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """`block` counts all blocks in order, beyond 65535 too; `since` and `tries` are those since the last progress."""

    fetch: Fetch
    local_port: int
    state: TransferState = TransferState.IDLE
    began: float = 0
    since: float = 0
    tries: int = 0
    peer: int | None = None
    block: int = 0
    block_size: int = BLOCK_SIZE
    window: int = 1
    in_window: int = 0
    gap: bool = False
    received: int = 0
    size: int | None = None
    strangers: int = 0

    def __post_init__(self) -> None:
        require_bits("a UDP port", self.local_port, 16)
