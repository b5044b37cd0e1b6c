"""Writes a probe's frames into a file as they pass, each whole at once: Ctrl-C leaves a file that can be read."""

from typing import IO

from pxedoctor import __version__
from pxedoctor.probe.asking import Frame
from pxedoctor.report.harmless import shown
from pxedoctor.wire import pcapng

_OPEN_SUM = "its UDP sum is still to be filled (offloaded): no fault of this frame"


class Capture:
    """One pcapng file; each port that a probe makes is an interface of it.

    `failed`: the disk was full, or the like. The probe goes on without it.
    """

    def __init__(self, path: str) -> None:
        """Raises OSError where the file cannot be written."""
        self._file: IO[bytes] = open(path, "wb", buffering=0)  # noqa: SIM115
        self.failed: OSError | None = None
        self._numbers: dict[str, int] = {}
        self._file.write(pcapng.section(f"pxedoctor {__version__}"))

    def record(self, frame: Frame) -> None:
        """Keeps one frame."""
        if self.failed is None:
            try:
                self._write(frame)
            except OSError as error:
                self.failed = error

    def _write(self, frame: Frame) -> None:
        if frame.port not in self._numbers:
            self._numbers[frame.port] = len(self._numbers)
            self._file.write(pcapng.interface(shown(frame.port), shown(f"a probe's port on {frame.bridge}")))
        comment = "; ".join(words for words in (frame.comment, _OPEN_SUM if frame.marked else "") if words)
        number = self._numbers[frame.port]
        self._file.write(pcapng.packet(number, frame.when, frame.content, frame.direction, shown(comment)))
