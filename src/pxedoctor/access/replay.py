"""A host that is only texts: answers recorded earlier, given again to the same questions."""

from collections.abc import Sequence

from pxedoctor.access.answer import (
    Answer,
    Answers,
    Failed,
    dump_question,
    link_question,
    list_question,
    read_question,
    run_question,
)


class Replay:
    """Access to recorded answers. A question that was not asked then is Failed now: unknown, not absent."""

    is_saved = False

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def run(self, argv: Sequence[str]) -> Answer:
        return self._answer(run_question(argv))

    def run_all(self, argvs: Sequence[Sequence[str]]) -> tuple[Answer, ...]:
        return tuple(self.run(argv) for argv in argvs)

    def read(self, path: str) -> Answer:
        return self._answer(read_question(path))

    def list(self, folder: str) -> Answer:
        return self._answer(list_question(folder))

    def readlink(self, path: str) -> Answer:
        return self._answer(link_question(path))

    def dump(self, what: str) -> Answer:
        return self._answer(dump_question(what))

    def _answer(self, question: str) -> Answer:
        return self._answers.get(question, Failed(f"the snapshot holds no answer to: {question}"))
