"""Hands events to a program of this host (the hook, sendmail) in a thread: a slow program makes nobody deaf.

1. `hand_over` returns at once. It keeps at most `most` texts; one that finds no place is dropped, and the first of
   such a streak is complained of, and after the streak how many they were.
2. The texts reach the program in their order, one run of the program each. A run that fails or takes longer than
   `seconds` is complained of, and the next text is handed over.
3. `close` waits a while for what is still kept, and says what was left.
"""

import contextlib
import queue
import subprocess
import threading
import time
from collections.abc import Callable

_MOST = 256
_SECONDS = 10.0
_LAST_SECONDS = 15.0


class Errands:
    """One program. `complain` is called from another thread too; `dropped` counts what found no place."""

    def __init__(
        self,
        argv: tuple[str, ...],
        complain: Callable[[str], None],
        most: int = _MOST,
        seconds: float = _SECONDS,
    ) -> None:
        self._argv = argv
        self._complain = complain
        self._seconds = seconds
        self._kept: queue.Queue[bytes | None] = queue.Queue(most)
        self._worker: threading.Thread | None = None
        self._streak = 0
        self.dropped = 0

    def hand_over(self, text: bytes) -> None:
        try:
            self._kept.put_nowait(text)
        except queue.Full:
            self.dropped += 1
            self._streak += 1
            if self._streak == 1:
                self._complain(
                    f"{self._argv[0]} is too slow: {self._kept.maxsize} events wait for it; more are dropped"
                )
            return
        if self._streak:
            self._complain(f"{self._argv[0]} was not given {self._streak} events")
            self._streak = 0
        if self._worker is None:
            # Only who is given something needs a thread.
            self._worker = threading.Thread(target=self._work, name=f"errands of {self._argv[0]}", daemon=True)
            self._worker.start()

    def close(self, seconds: float = _LAST_SECONDS) -> None:
        if self._worker is None:
            return
        deadline = time.monotonic() + seconds
        with contextlib.suppress(queue.Full):
            self._kept.put(None, timeout=seconds)
        self._worker.join(max(0.0, deadline - time.monotonic()))
        left = self._kept.qsize() - 1 if self._worker.is_alive() else 0
        if self._worker.is_alive():
            self._complain(f"{self._argv[0]} is still at work; {max(left, 0)} events behind it are given up")

    def _work(self) -> None:
        while (text := self._kept.get()) is not None:
            try:
                subprocess.run(self._argv, input=text, check=True, timeout=self._seconds, stdout=subprocess.DEVNULL)
            except (OSError, subprocess.SubprocessError) as error:
                self._complain(f"{self._argv[0]}: {error}")
