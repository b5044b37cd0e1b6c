"""An exchange of packets as a ladder: lanes, arrows between them with their times, and the port's states behind.

A lost frame's arrow ends at the lane where it was lost. Where nobody saw its end, the arrow ends at the last place that
it is known to have reached, and its words say so.
"""

from typing import Literal

import msgspec

from pxedoctor.report.drawing.mark import Mark


class Arrow(msgspec.Struct, frozen=True, kw_only=True):
    """A packet from lane `start` to lane `end`. `why`: of its fate, in words; "" where there is nothing to say."""

    at: float
    start: int
    end: int
    label: str
    mark: Mark
    why: str = ""

    @property
    def words(self) -> str:
        return f"{self.label}: {self.why}" if self.why else self.label


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """The port behind lane `lane` is in `state` from `at` until `until`, both in seconds."""

    lane: int
    at: float
    until: float
    state: str


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened and is no packet: a port that changed its state, a client that gave up."""

    at: float
    lane: int
    words: str
    mark: Mark = Mark.NONE


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """`title`: whose exchange it is. Arrows and notes are in order of their times."""

    title: str
    lanes: tuple[str, ...]
    arrows: tuple[Arrow, ...] = ()
    notes: tuple[Note, ...] = ()
    bands: tuple[Band, ...] = ()

    def __post_init__(self) -> None:
        most = len(self.lanes) - 1
        for arrow in self.arrows:
            if not (0 <= arrow.start <= most and 0 <= arrow.end <= most):
                raise ValueError(f"an arrow from lane {arrow.start} to {arrow.end} of {most + 1}")

    def rows(self) -> tuple["Arrow | Note", ...]:
        """Everything in the order of time; at one time the notes first."""
        return tuple(sorted((*self.notes, *self.arrows), key=lambda row: row.at))

    def state_at(self, lane: int, at: float) -> str:
        """ "" where no band tells."""
        return next((band.state for band in self.bands if band.lane == lane and band.at <= at < band.until), "")


# More rows than this tell nobody more: what is left out is counted.
MOST_ROWS = 60

Row = Arrow | Note
Direction = Literal["right", "left", "none"]


def shortened(ladder: Ladder) -> tuple[tuple[Row, ...], int]:
    """The rows to draw, and how many are left out."""
    rows = ladder.rows()
    return rows[:MOST_ROWS], max(len(rows) - MOST_ROWS, 0)
