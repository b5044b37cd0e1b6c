"""Keeps every answer verbatim, so that any diagnosis can be replayed from its texts."""

import threading
from collections.abc import Callable, Sequence
from functools import partial

from pxedoctor.access.answer import (
    Access,
    Answer,
    Text,
    dump_question,
    link_question,
    list_question,
    read_question,
    run_question,
)

Cut = Callable[[str], str]
# Asking is waiting for other programs, and for the kernel that answers them.
_SIDE_BY_SIDE = 4


def _nothing(text: str) -> str:
    return text


class Notebook:
    """Access that writes down what it was told. `cut` takes secrets out before anything is kept.

    A replay is cut again: cutting twice must change nothing more.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self.answers: dict[str, Answer] = {}
        self._asking: dict[str, threading.Lock] = {}

    @property
    def is_saved(self) -> bool:
        return self._access.is_saved

    def run(self, argv: Sequence[str], cut: Cut = _nothing) -> Answer:
        return self._keep(run_question(argv), lambda: self._access.run(argv), cut)

    def read(self, path: str, cut: Cut = _nothing) -> Answer:
        return self._keep(read_question(path), lambda: self._access.read(path), cut)

    def list(self, folder: str) -> Answer:
        return self._keep(list_question(folder), lambda: self._access.list(folder), _nothing)

    def readlink(self, path: str) -> Answer:
        return self._keep(link_question(path), lambda: self._access.readlink(path), _nothing)

    def dump(self, what: str) -> Answer:
        return self._keep(dump_question(what), lambda: self._access.dump(what), _nothing)

    def run_all(self, argvs: Sequence[Sequence[str]], dumps: Sequence[str] = ()) -> tuple[Answer, ...]:
        """The answers to all of `argvs`, in their order, a few programs and dumps side by side.

        The threads are daemons: Ctrl-C ends the program without waiting for an answer.
        """
        waiting = [*(partial(self.dump, what) for what in dumps), *(partial(self.run, argv) for argv in argvs)]

        def work() -> None:
            while waiting:
                try:
                    ask = waiting.pop()
                except IndexError:  # another thread took the last one
                    return
                ask()

        threads = [threading.Thread(target=work, daemon=True) for _ in waiting[1:_SIDE_BY_SIDE]]
        for thread in threads:
            thread.start()
        work()
        for thread in threads:
            thread.join()
        # One that a thread failed with is asked again here, where its error is seen.
        return tuple(self.run(argv) for argv in argvs)

    def names(self, folder: str) -> tuple[str, ...]:
        """The names in a folder; none where it cannot be listed (the answer is kept and says why)."""
        answer = self.list(folder)
        return tuple(answer.text.splitlines()) if isinstance(answer, Text) else ()

    def _keep(self, question: str, ask: Callable[[], Answer], cut: Cut) -> Answer:
        # Two collectors that need the same text must see the same text, and the host is asked for it once: who comes
        # second waits (dict.setdefault is atomic).
        if question in self.answers:
            return self.answers[question]
        with self._asking.setdefault(question, threading.Lock()):
            if question not in self.answers:
                answer = ask()
                self.answers[question] = Text(cut(answer.text)) if isinstance(answer, Text) else answer
            return self.answers[question]
