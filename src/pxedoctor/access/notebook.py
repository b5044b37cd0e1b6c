"""Keeps every answer verbatim, so that any diagnosis can be replayed from its texts."""

from collections.abc import Callable, Sequence

from pxedoctor.access.answer import (
    Access,
    Answer,
    Text,
    link_question,
    list_question,
    read_question,
    run_question,
)

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

    def run(self, argv: Sequence[str], cut: Cut = _nothing) -> Answer:
        return self._keep(run_question(argv), lambda: self._access.run(argv), cut)

    def read(self, path: str, cut: Cut = _nothing) -> Answer:
        return self._keep(read_question(path), lambda: self._access.read(path), cut)

    def list(self, folder: str) -> Answer:
        return self._keep(list_question(folder), lambda: self._access.list(folder), _nothing)

    def readlink(self, path: str) -> Answer:
        return self._keep(link_question(path), lambda: self._access.readlink(path), _nothing)

    def names(self, folder: str) -> tuple[str, ...]:
        """The names in a folder; none where it cannot be listed (the answer is kept and says why)."""
        answer = self.list(folder)
        return tuple(answer.text.splitlines()) if isinstance(answer, Text) else ()

    def _keep(self, question: str, ask: Callable[[], Answer], cut: Cut) -> Answer:
        # Two collectors that need the same text must see the same text: the first answer stays, also where both ask at
        # the same time (dict.setdefault is atomic).
        if question in self.answers:
            return self.answers[question]
        answer = ask()
        return self.answers.setdefault(question, Text(cut(answer.text)) if isinstance(answer, Text) else answer)
