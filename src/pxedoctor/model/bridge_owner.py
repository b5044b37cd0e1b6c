"""Who configures a bridge: which system, in which line of which file, and what it makes of it at the next start."""

import msgspec

# What the kernel keeps a delay to while its STP is on (net/bridge/br_private_stp.h, br_stp_if.c).
SHORTEST, LONGEST = 2.0, 30.0
KERNEL_DELAY = 15.0


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """STP and forward delay (seconds) as the next start makes them, defaults filled in."""

    stp: bool
    delay: float = KERNEL_DELAY

    @property
    def silence(self) -> float:
        """Seconds that a new port is silent then."""
        return 2 * clamped(self.delay) if self.stp else 0.0


class Unclear(msgspec.Struct, frozen=True):
    """What the next start makes of it cannot be told from the files, and why."""

    why: str


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """`owner` configures `bridge` at `path`, `line` (from 1), where `text` stands."""

    owner: str
    bridge: str
    path: str
    line: int
    text: str
    setting: Setting | Unclear

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


def clamped(delay: float) -> float:
    """The delay that a bridge has once STP was turned on over it."""
    return min(max(delay, SHORTEST), LONGEST)
