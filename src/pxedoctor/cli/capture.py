"""Writes a probe's frames into a file as they pass, each whole at once: Ctrl-C leaves a file that can be read."""

from typing import IO

from pxedoctor import __version__
from pxedoctor.probe.asking import Asking, Frame, Record
from pxedoctor.report.harmless import shown
from pxedoctor.wire import pcapng

_OPEN_SUM = "its UDP sum is still to be filled (offloaded): no fault of this frame"


class Capture:
    """One pcapng file; each probe is an interface of it."""

    def __init__(self, path: str) -> None:
        """Raises OSError where the file cannot be written."""
        self._file: IO[bytes] = open(path, "wb", buffering=0)  # noqa: SIM115
        self._interfaces = 0
        self._file.write(pcapng.section(f"pxedoctor {__version__}"))

    def of(self, asking: Asking) -> Record:
        """What one probe records into."""
        number = self._interfaces
        self._interfaces += 1
        self._file.write(pcapng.interface(shown(asking.tap), shown(f"{asking.target} on {asking.bridge}")))

        def record(frame: Frame) -> None:
            comment = "; ".join(words for words in (frame.comment, _OPEN_SUM if frame.marked else "") if words)
            self._file.write(pcapng.packet(number, frame.when, frame.content, frame.direction, shown(comment)))

        return record

    def close(self) -> None:
        self._file.close()
