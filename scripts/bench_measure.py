"""How a figure is taken: pairs side by side, medians, the largest memory of a process."""

import statistics
import subprocess
import time
from collections.abc import Callable
from typing import NamedTuple


class Run(NamedTuple):
    """Seconds by the clock, and the largest resident memory in MiB (0 where it was not asked for)."""

    seconds: float
    memory: float = 0.0


class Pair(NamedTuple):
    """Medians of ours and theirs, the median of their ratios pair by pair, and our largest memory."""

    ours: float
    theirs: float
    ratio: float
    memory: float


def timed(argv: list[str]) -> Run:
    started = time.perf_counter()
    subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False, cwd="/")
    return Run(time.perf_counter() - started)


def weighed(argv: list[str]) -> Run:
    """As `timed`, with the memory of the largest process that it had (GNU time's %M counts its children)."""
    marked = ["/usr/bin/time", "--quiet", "--format", "memory=%M", *argv]
    started = time.perf_counter()
    done = subprocess.run(marked, stdin=subprocess.DEVNULL, capture_output=True, check=False, cwd="/", text=True)
    seconds = time.perf_counter() - started
    kibibytes = done.stderr.rpartition("memory=")[2].strip()
    if not kibibytes.isdigit():
        raise SystemExit(f"{' '.join(argv)} ended without its figures: {done.stderr[-500:]}")
    return Run(seconds, int(kibibytes) / 1024)


def interleaved(ours: Callable[[], Run], theirs: Callable[[], Run], runs: int) -> Pair:
    """A, B, A, B, ..., so that a machine that slows down slows both; after one pair that is not counted."""
    pairs = [(ours(), theirs()) for _ in range(runs + 1)][1:]
    return Pair(
        ours=statistics.median(pair[0].seconds for pair in pairs),
        theirs=statistics.median(pair[1].seconds for pair in pairs),
        ratio=statistics.median(pair[0].seconds / pair[1].seconds for pair in pairs),
        memory=max(pair[0].memory for pair in pairs),
    )


def repeated(ours: Callable[[], Run], runs: int) -> Run:
    """The median of the times, and the largest memory."""
    found = [ours() for _ in range(runs + 1)][1:]
    return Run(statistics.median(run.seconds for run in found), max(run.memory for run in found))
