"""Several questions at a time: asking is waiting for other programs, and for the kernel that answers them."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

_SIDE_BY_SIDE = 4
Told = TypeVar("Told")


def side_by_side(asks: Sequence[Callable[[], Told]]) -> list[Told]:
    """What each of them returns, in their order, a few at a time. The first error is raised when all have ended.

    The threads are daemons: Ctrl-C ends the program without waiting for an answer.
    """
    waiting = list(enumerate(asks))
    told: dict[int, Told] = {}
    failures: list[Exception] = []

    def work() -> None:
        while waiting:
            try:
                at, ask = waiting.pop()
            except IndexError:  # another thread took the last one
                return
            try:
                told[at] = ask()
            except Exception as error:  # raised where somebody sees it
                failures.append(error)

    threads = [threading.Thread(target=work, daemon=True) for _ in waiting[1:_SIDE_BY_SIDE]]
    for thread in threads:
        thread.start()
    work()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return [told[at] for at in range(len(asks))]
