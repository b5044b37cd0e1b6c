"""What the keeper prints, written by a thread: a pipe that nobody reads, or a terminal held by Ctrl-S, stops nobody.

1. `say` returns at once. Texts wait in their order, of `most` bytes at most; one that finds no place is left unsaid.
2. Once half of that is free again, it is said how many were: `notice` makes that text, before the next one.
3. Whoever reads has gone (EPIPE), or a disk is full: complained of once; what follows is left unsaid.
4. `close` waits a while for what still waits, and returns how many texts, those unsaid among them, never came out.

Written to the descriptor itself: Python waits for its own buffers when it ends, and would wait for ever.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable

# The words for 500 networks that break at once have 600 KB.
_MOST_BYTES = 1024 * 1024
_LAST_SECONDS = 2.0


class Spoken:
    """`dropped` counts what was left unsaid. `notice` and `complain` are called from another thread, too."""

    def __init__(
        self,
        handle: int,
        notice: Callable[[int], bytes],
        complain: Callable[[str], None],
        most: int = _MOST_BYTES,
    ) -> None:
        self._handle = handle
        self._notice = notice
        self._complain = complain
        self._most = most
        self._turn = threading.Condition()
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._unsaid = 0
        self._writing = False
        self._gone = False
        self._writer: threading.Thread | None = None
        self.dropped = 0

    def say(self, text: bytes) -> None:
        with self._turn:
            full = self._most // 2 if self._unsaid else self._most
            if self._gone or (self._waiting and self._bytes + len(text) > full):
                self._unsaid += 1
                self.dropped += 1
                return
            self._tell_the_unsaid()
            self._put(text)
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="what is printed", daemon=True)
                self._writer.start()
            self._turn.notify_all()

    def close(self, seconds: float = _LAST_SECONDS) -> int:
        deadline = time.monotonic() + seconds
        with self._turn:
            while (self._waiting or self._writing) and not self._gone:
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._turn.wait(left)
            return self._unsaid + len(self._waiting) + self._writing

    def _put(self, text: bytes) -> None:
        self._waiting.append(text)
        self._bytes += len(text)

    def _tell_the_unsaid(self) -> None:
        if self._unsaid:
            self._put(self._notice(self._unsaid))
            self._unsaid = 0

    def _write(self) -> None:
        while True:
            text = self._next()
            try:
                while text:
                    text = text[os.write(self._handle, text) :]
            except OSError as error:
                self._leave(error)
                return

    def _next(self) -> bytes:
        """Waits for one. What was left unsaid is told as soon as everything before it is written."""
        with self._turn:
            self._writing = False
            if not self._waiting:
                self._tell_the_unsaid()
            self._turn.notify_all()
            while not self._waiting:
                self._turn.wait()
            text = self._waiting.popleft()
            self._bytes -= len(text)
            self._writing = True
            return text

    def _leave(self, error: OSError) -> None:
        with self._turn:
            left = len(self._waiting) + 1
            self._unsaid += left
            self.dropped += left
            self._waiting.clear()
            self._gone, self._writing, self._bytes = True, False, 0
            self._turn.notify_all()
        self._complain(f"nobody takes what is printed ({error.strerror}); events are kept: pxedoctor events")
