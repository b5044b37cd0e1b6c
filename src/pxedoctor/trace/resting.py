"""Who of the witnesses rests while nobody needs them: others' packets pay for their looking (docs/adr/0009).

1. They look as a trace begins, and when the guest's port comes or changes, until the guest's first words have passed.
2. Then they rest, and are called where the guest asks and is not answered (`unanswered`), for its next try.
3. Where nobody can tell whose port is the guest's, or what was answered, they look for 35 s with each of its words.
"""

from collections.abc import Sequence
from typing import Protocol

from pxedoctor.model.traced import HeardFrame
from pxedoctor.trace.unanswered import AWAKE_SECONDS, Unanswered, answer_in, question_in
from pxedoctor.wire.mac import write_mac

# From the first word of a boot to the end of its four packets of DHCP (iPXE waits for further offers for 1 s).
_FIRST_WORDS_SECONDS = 2.0
# Groups of switches (IEEE 802.1D, table 7-10), and as far as DHCP's hardware address behind a tag.
_SWITCHES, _HEADS = bytes.fromhex("0180c2"), 80


class Restful(Protocol):
    """`missed`: how often something was heard while it rested."""

    missed: int

    def rest(self) -> None: ...

    def wake(self) -> None: ...


class Resting:
    """Awake at the beginning. Whoever can be woken by nobody else must not be among them.

    `by_answers`: frames are looked at, so that what leaves by the guest's port is known. `unwatched`: how many of its
    questions came while they rested.
    """

    def __init__(self, witnesses: Sequence[Restful], mac: str | None = None, by_answers: bool = False) -> None:
        self._witnesses = tuple(witnesses)
        self._mac = mac
        self._own_mac = write_mac(mac) if mac is not None and by_answers else None
        self._until = AWAKE_SECONDS
        self._awake_since: float | None = -AWAKE_SECONDS
        self._unanswered = Unanswered()
        self._own: str | None = None
        self.unwatched = 0

    def hear(self, frames: Sequence[HeardFrame], rules: bool, own: str | None, now: float) -> None:
        """What was heard until `now`. `rules`: they told of somebody; `own`: the guest's port, where it is known."""
        # What taught us the port was not yet watched as the guest's: its next try is.
        since = self._awake_since if own == self._own else None
        self._own = own
        if self._own_mac is not None and own is not None:
            for frame in frames:
                self._weigh(frame, own, self._own_mac, since)
        elif rules or any(is_of(self._mac, frame.content) for frame in frames):
            self._until = now + AWAKE_SECONDS
        self._turn(now)

    def expect(self, now: float) -> None:
        """The guest may speak soon: its port came, or changed."""
        self._until = now + AWAKE_SECONDS
        self._turn(now)

    def _weigh(self, frame: HeardFrame, own: str, mac: bytes, awake_since: float | None) -> None:
        if frame.device != own:
            return
        if frame.direction == "out":
            self._unanswered.answered(answer_in(frame.content, mac))
        elif frame.content[6:12] == mac and (kind := question_in(frame.content)):
            self._until = min(self._until, frame.at + _FIRST_WORDS_SECONDS)
            self.unwatched += self._awake_since is None
            self._unanswered.asked(kind, frame.at, awake_since)

    def _turn(self, now: float) -> None:
        if now <= self._until or self._unanswered.calls(now):
            if self._awake_since is None:
                self._awake_since = now
                for witness in self._witnesses:
                    witness.wake()
        elif self._awake_since is not None:
            self._awake_since = None
            for witness in self._witnesses:
                witness.rest()


def is_of(mac: str | None, content: bytes) -> bool:
    """Whether a frame is no switch's nor router's, who speak all the time: with this MAC at an end, or in DHCP."""
    if mac is None:
        return not content.startswith(_SWITCHES)
    return write_mac(mac) in content[:_HEADS]
