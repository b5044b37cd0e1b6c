"""The result of `trace` as a value: the packets' lives, where a boot's first lost packet ended, and who could look."""

import msgspec

from pxedoctor.model.target import Facts
from pxedoctor.model.traced import CounterMove, PortMoment, ServerWord, Witness
from pxedoctor.road.life import Death, Packet
from pxedoctor.verdict.report import Report, Verdict


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """One trace of one target. `answered`: an answer of a server reached the guest.

    `report`: the diagnosis that was made of the host with this trace beside it; None where none was made. `texts`: what
    the host printed for it, by the question.
    """

    target: str
    bridge: str
    seconds: float
    packets: tuple[Packet, ...]
    witnesses: tuple[Witness, ...]
    mac: str | None = None
    tap: str | None = None
    died: Death | None = None
    answered: bool = False
    counters: tuple[CounterMove, ...] = ()
    words: tuple[ServerWord, ...] = ()
    states: tuple[PortMoment, ...] = ()
    facts: Facts | None = None
    report: Report | None = None
    texts: dict[str, str] = {}

    @property
    def verdict(self) -> Verdict:
        """BROKEN where a packet died; HEALTHY where the guest was answered; else nobody asked, or nobody could look."""
        if self.died is not None:
            return Verdict.BROKEN if self.died.certain else Verdict.UNKNOWN
        return Verdict.HEALTHY if self.answered else Verdict.UNKNOWN
