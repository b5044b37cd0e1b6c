"""Asking begins before anybody understands the answers; a collector that fails says so when it is waited for."""

import threading

from pxedoctor.access.answer import Answer, Text
from pxedoctor.access.replay import Replay
from pxedoctor.collect.asking import Asking
from pxedoctor.collect.gather import gather, gathered


def told(_: str) -> None:
    return None


def test_what_was_begun_early_is_asked_once() -> None:
    """Two collectors begin, a third is wanted besides: each question is put once, and the facts are those of one go."""
    asked: list[str] = []

    class Counting(Replay):
        """A recorded host that notes what it is asked to read."""

        def read(self, path: str) -> Answer:
            asked.append(path)
            return super().read(path)

    answers = {"read /proc/sys/kernel/osrelease": Text("6.1\n"), "run ip -j -d -s -s address show": Text("[]")}
    wanted = frozenset({"system", "links", "routes"})
    asking = Asking(Counting(answers))
    asking.begin(frozenset({"system", "links"}))
    early = gathered(asking, wanted, told)
    at_once = gather(Replay(answers), wanted, told)
    assert early.host == at_once.host
    assert early.sources == at_once.sources
    assert len(asked) == len(set(asked))


def test_begin_returns_before_the_host_has_answered() -> None:
    answered = threading.Event()

    class Slow(Replay):
        """Reads nothing until it is allowed to."""

        def read(self, path: str) -> Answer:
            answered.wait(60)
            return super().read(path)

    asking = Asking(Slow({}))
    asking.begin(frozenset({"system"}))
    answered.set()
    assert asking.ended("system") is None


def test_what_a_collector_failed_with_is_kept_for_who_waits() -> None:
    class Breaking(Replay):
        """A host on which a file raises what nobody expects."""

        def read(self, path: str) -> Answer:
            raise RuntimeError(path)

    asking = Asking(Breaking({}))
    asking.begin(frozenset({"system"}))
    assert isinstance(asking.ended("system"), RuntimeError)
