"""What work has left behind in memory is given back when it is quiet, and not before."""

import gc
import subprocess
import sys

from pxedoctor.watch.given_back import Calm, give_back, much_is_left


class Counted:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def test_after_a_storm_it_is_given_back_once_when_nothing_stirs_any_more() -> None:
    given = Counted()
    calm = Calm(given)
    for number in range(1000):
        calm.stirred(number / 1000)
        calm.look(number / 1000)
    assert given.times == 0, "the storm goes on"
    calm.look(2.0)
    assert given.times == 0
    calm.look(3.1)
    calm.look(10.0)
    assert given.times == 1


def test_a_change_now_and_then_is_no_storm() -> None:
    given = Counted()
    calm = Calm(given)
    for number in range(100):
        calm.stirred(10.0 * number)
        calm.look(10.0 * number + 5)
    assert given.times == 0


def test_what_is_left_is_told_and_is_gone_when_it_was_given_back() -> None:
    gc.collect()
    gc.disable()
    try:
        assert not much_is_left()
        rings: list[list[object]] = [[] for _ in range(20_000)]
        for ring in rings:
            ring.append(ring)
        del ring
        rings.clear()
        assert much_is_left()
        give_back()
        assert not much_is_left()
    finally:
        gc.enable()


_LEAVES = """
from pxedoctor.watch.given_back import give_back

def anonymous():
    with open("/proc/self/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Anonymous:"))

kept = [bytes(1000) for _ in range(30_000)]
last = kept[-1]
full = anonymous()
del kept
give_back()
print(full - anonymous())
"""


def test_pages_that_malloc_keeps_below_what_still_lives_go_back_to_the_kernel() -> None:
    told = subprocess.run([sys.executable, "-c", _LEAVES], capture_output=True, text=True, check=True)
    # Of some 30 MiB; the last piece, which is alive, would keep all of them.
    assert int(told.stdout) > 20_000
