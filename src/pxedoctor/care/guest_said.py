"""The guest's own word as a witness of a trace: what its firmware writes on its screen and on its serial line.

Kept are only lines that pxedoctor knows (`pxedoctor explain PXE-E51`): a screen may show anything, passwords too.
"""

import threading
from collections.abc import Iterable

import msgspec

from pxedoctor.model.host import Host
from pxedoctor.model.target import Target
from pxedoctor.model.traced import ServerWord, Traced, Witness, WitnessName
from pxedoctor.report.words.saying import SILENCE
from pxedoctor.report.words.table import understood
from pxedoctor.trace.guest_screen import Screen, SerialFile, reader_for
from pxedoctor.trace.virsh import left_asleep
from pxedoctor.trace.wish import AbsentError

# What firmware says last stands for some seconds, until the guest starts anew.
_LOOK_SECONDS = 4.0
_MOST_WORDS = 50
# The causes of what a client says that asks for an address and is not answered.
_UNANSWERED = frozenset(SILENCE)


class GuestSaid:
    """Looks now and then while the `with` block lasts, and at its end. A target that is no guest says nothing."""

    def __init__(self, host: Host, target: Target, without: frozenset[WitnessName]) -> None:
        self._guest = target.guest if target.kind == "nic" else None
        self._asked = WitnessName.GUEST not in without
        self._refused = left_asleep(host)
        self._domain = host.domain(self._guest or "")
        self._serial = SerialFile(self._domain.serial) if self._asked and self._domain and self._domain.serial else None
        self._words: dict[ServerWord, None] = {}
        self._looked = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> "GuestSaid":
        if self._guest is not None and self._asked and self._refused is None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def added(self, traced: Traced) -> Traced:
        """With what was said, once the block has ended."""
        if self._guest is None:
            return traced
        if self._serial is not None:
            self._keep(self._serial.text().splitlines(), self._serial.path, in_these_seconds=True)
        words = tuple(self._words)
        return msgspec.structs.replace(
            traced, words=(*traced.words, *words), witnesses=(*traced.witnesses, self._witness(len(words)))
        )

    def _witness(self, heard: int) -> Witness:
        if not self._asked:
            return Witness(name=WitnessName.GUEST, status="absent", why="it was not asked")
        if self._refused is None or self._looked:
            return Witness(name=WitnessName.GUEST, status="ok", heard=heard)
        why, helps = self._refused.why, self._refused.would_help
        if self._serial is not None:
            why = f"of its serial line alone: {why}"
        status = "absent" if self._serial is None else "partial"
        return Witness(name=WitnessName.GUEST, status=status, why=why, would_help=helps, heard=heard)  # type: ignore[arg-type]

    def _look_on(self) -> None:
        try:
            screen = Screen(self._guest or "", reader_for(self._domain))
        except AbsentError as refused:
            self._refused = refused
            return
        last = False
        while not last:
            last = self._stop.wait(_LOOK_SECONDS)
            try:
                lines = screen.lines()
            except AbsentError as refused:
                self._refused = refused
                continue
            self._looked = True
            self._keep(lines, f"its screen (virsh screenshot {self._guest})", in_these_seconds=False)

    def _keep(self, lines: Iterable[str], origin: str, *, in_these_seconds: bool) -> None:
        for text in lines:
            said = understood(text) if len(self._words) < _MOST_WORDS else ()
            if said:
                asks = in_these_seconds and any(set(saying.causes) >= _UNANSWERED for saying in said)
                self._words.setdefault(ServerWord(text=text.strip(), origin=origin, speaker="guest", asks=asks))
