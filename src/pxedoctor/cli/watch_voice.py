"""What the keeper prints: events on standard output, complaints on standard error. It waits for neither's reader."""

import sys

from pxedoctor.cli.output import style_of_stdout
from pxedoctor.report.happened import event_document, render_event
from pxedoctor.report.harmless import shown
from pxedoctor.report.json import encode
from pxedoctor.verdict.happened import EventWord, Happened
from pxedoctor.watch import clock
from pxedoctor.watch.spoken import Spoken

_STDOUT, _STDERR = 1, 2


class WatchVoice:
    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._complaints = Spoken(_STDERR, _unsaid_complaints, lambda _: None)
        self._events = Spoken(_STDOUT, lambda count: self._line(unsaid(count)), self.complain)

    @property
    def dropped(self) -> int:
        """Events that found no place on standard output."""
        return self._events.dropped

    def tell(self, event: Happened) -> None:
        self._events.say(self._line(event))

    def complain(self, why: str) -> None:
        self._complaints.say(f"pxedoctor watch: {shown(why)}\n".encode(errors="backslashreplace"))

    def close(self) -> None:
        """Waits a while for whoever reads."""
        left = self._events.close()
        if left:
            self.complain(unsaid(left).what)
        self._complaints.close()

    def _line(self, event: Happened) -> bytes:
        if self._as_json:
            return f"{encode(event_document(event))}\n".encode()
        return f"{render_event(event, style_of_stdout())}\n".encode(sys.stdout.encoding or "ascii", "backslashreplace")


def unsaid(count: int) -> Happened:
    """In the place of as many events as found none."""
    were = "event was" if count == 1 else "events were"
    return Happened(
        time=clock.now(),
        event=EventWord.UNSAID,
        finding=None,
        what=f"{count} {were} not printed, for nobody read them; they are kept: pxedoctor events",
        who=None,
    )


def _unsaid_complaints(count: int) -> bytes:
    return f"pxedoctor watch: {count} complaints were not printed, for nobody read them\n".encode()
