"""What was looked at, and what came of it."""

from typing import Literal

import msgspec


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One collector's result: without it "healthy" could not be audited."""

    name: str
    status: Literal["ok", "absent", "empty", "failed", "forbidden", "asleep"]
    why: str = ""
