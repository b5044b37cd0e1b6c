"""How a figure is taken: pairs side by side, medians, the largest memory of a process."""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import NamedTuple


class Run(NamedTuple):
    """Seconds by the clock, and the largest resident memory in MiB: ours, and a program's that it ran; 0: not asked.

    `cpu`: seconds of processor time, user and system, of the command and of all that it waited for. On a machine that
    others keep busy it moves by a fifth where the clock doubles.
    """

    seconds: float
    memory: float = 0.0
    program: float = 0.0
    cpu: float = 0.0


class Pair(NamedTuple):
    """Medians of ours and theirs, the median of their ratios pair by pair, our largest memory and a program's.

    `cpu_ours`, `cpu_theirs` and `cpu_ratio`: the same of processor time.
    """

    ours: float
    theirs: float
    ratio: float
    memory: float
    program: float
    cpu_ours: float
    cpu_theirs: float
    cpu_ratio: float


# The command itself, which at its end says how much memory it had, and how much the largest program that it ran.
_WEIGHED = """\
import atexit, resource, sys
def tell():
    own, theirs = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"memory={own},{theirs}", file=sys.stderr)
atexit.register(tell)
from pxedoctor.__main__ import main
main()
"""


def cpu_of_children() -> float:
    """Seconds of processor time of everything that this process started and waited for, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(argv: list[str]) -> Run:
    started, used = time.perf_counter(), cpu_of_children()
    subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False, cwd="/")
    return Run(time.perf_counter() - started, cpu=cpu_of_children() - used)


def weighed(*words: str) -> list[str]:
    """`pxedoctor WORDS`, for `weigh`."""
    return [sys.executable, "-c", _WEIGHED, *words]


def weigh(argv: list[str]) -> Run:
    """As `timed`, with both memories; `argv` is that of `weighed`, or a way into a site before it."""
    started, used = time.perf_counter(), cpu_of_children()
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False, cwd="/", text=True)
    seconds, cpu = time.perf_counter() - started, cpu_of_children() - used
    own, _, theirs = done.stderr.rpartition("memory=")[2].strip().partition(",")
    if not (own.isdigit() and theirs.isdigit()):
        raise SystemExit(f"{' '.join(argv)} ended without its figures: {done.stderr[-500:]}")
    return Run(seconds, int(own) / 1024, int(theirs) / 1024, cpu)


def interleaved(ours: Callable[[], Run], theirs: Callable[[], Run], runs: int) -> Pair:
    """A, B, A, B, ..., so that a machine that slows down slows both; after one pair that is not counted."""
    pairs = [(ours(), theirs()) for _ in range(runs + 1)][1:]
    return Pair(
        ours=statistics.median(pair[0].seconds for pair in pairs),
        theirs=statistics.median(pair[1].seconds for pair in pairs),
        ratio=statistics.median(pair[0].seconds / pair[1].seconds for pair in pairs),
        memory=max(pair[0].memory for pair in pairs),
        program=max(pair[0].program for pair in pairs),
        cpu_ours=statistics.median(pair[0].cpu for pair in pairs),
        cpu_theirs=statistics.median(pair[1].cpu for pair in pairs),
        cpu_ratio=statistics.median(pair[0].cpu / pair[1].cpu if pair[1].cpu else 0.0 for pair in pairs),
    )


def repeated(ours: Callable[[], Run], runs: int) -> Run:
    """The median of the times, and the largest memory."""
    found = [ours() for _ in range(runs + 1)][1:]
    memory, program = max(run.memory for run in found), max(run.program for run in found)
    cpu = statistics.median(run.cpu for run in found)
    return Run(statistics.median(run.seconds for run in found), memory, program, cpu)
