"""Keeps every answer verbatim, so that any diagnosis can be replayed from its texts."""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
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
from pxedoctor.access.side_by_side import side_by_side

Cut = Callable[[str], str]


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
        """The answers to all of `argvs`, in their order, programs and dumps side by side."""
        programs = partial(self._run_fresh, argvs)
        asks: tuple[Callable[[], object], ...] = (*(partial(self.dump, what) for what in dumps), programs)
        side_by_side(asks)
        return tuple(self.run(argv) for argv in argvs)

    def _run_fresh(self, argvs: Sequence[Sequence[str]]) -> None:
        """Those that nobody has asked; in the order of their questions, so that no two wait for each other."""
        fresh = {run_question(argv): argv for argv in argvs}
        with ExitStack() as asking:
            for question in sorted(fresh):
                asking.enter_context(self._asking.setdefault(question, threading.Lock()))
            wanted = [question for question in fresh if question not in self.answers]
            told = self._access.run_all([fresh[question] for question in wanted])
            self.answers.update(zip(wanted, told, strict=True))

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
