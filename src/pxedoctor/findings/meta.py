"""The fixed facts about a check: code, name, stage, what it needs, whether it can be mended."""

import re
from enum import StrEnum
from typing import Literal

import msgspec

FixAvailability = Literal["always", "sometimes", "never"]

_CODE = re.compile(r"[A-Z]{2}\d{3}")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class Stage(StrEnum):
    """Where on the road a cause sits; the order is the road's order for a diagnosis."""

    GUEST = "guest"
    SERVER = "server"
    PORT = "port"
    BRIDGE = "bridge"
    FILTER = "filter"
    FETCH = "fetch"
    POLICY = "policy"
    UPLINK = "uplink"
    GUEST_OS = "guest-os"


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """A check's identity. `needs` are field names of Host; a check is not called while one of them is Missing.

    `consults` are further fields, of which the check itself says what a Missing means to it.
    """

    code: str
    name: str
    stage: Stage
    needs: tuple[str, ...]
    fix: FixAvailability
    explains: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    consults: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise ValueError(f"code of a check is two letters and three digits, not {self.code!r}")
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"name of a check is words with dashes, not {self.name!r}")
