"""Who of the witnesses rests while the guest is silent: others' packets pay for their looking (docs/adr/0009)."""

from collections.abc import Sequence
from typing import Protocol

from pxedoctor.wire.mac import write_mac

# A firmware that asks in vain asks again within it: EDK2 after 4, 8, 16 and 32 s, iPXE after 10 at most.
_AWAKE_SECONDS = 35.0
# Groups of switches (IEEE 802.1D, table 7-10), and as far as DHCP's hardware address behind a tag.
_SWITCHES, _HEADS = bytes.fromhex("0180c2"), 80


class Restful(Protocol):
    """`missed`: how often something was heard while it rested."""

    missed: int

    def rest(self) -> None: ...

    def wake(self) -> None: ...


class Resting:
    """Awake at the beginning. Whoever can be woken by nobody else must not be among them."""

    def __init__(self, witnesses: Sequence[Restful]) -> None:
        self._witnesses = tuple(witnesses)
        self._until = _AWAKE_SECONDS

    def turn(self, spoken: bool, now: float) -> None:
        """`spoken`: something was heard of whom is watched, or a port has changed."""
        if spoken:
            self._until = now + _AWAKE_SECONDS
            for witness in self._witnesses:
                witness.wake()
        elif now > self._until:
            for witness in self._witnesses:
                witness.rest()


def is_of(mac: str | None, content: bytes) -> bool:
    """Whether a frame is no switch's nor router's, who speak all the time: with this MAC at an end, or in DHCP."""
    if mac is None:
        return not content.startswith(_SWITCHES)
    return write_mac(mac) in content[:_HEADS]
