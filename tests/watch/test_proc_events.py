"""What /proc says of a process that lives."""

import os
import subprocess
import time

from pxedoctor.watch.lineage import Told
from pxedoctor.watch.proc_events import told

SECONDS = 10.0


def said_of(*argv: str) -> Told:
    """What is told of a real process, when it has become what it will be."""
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    with subprocess.Popen(argv) as process:
        deadline = time.monotonic() + SECONDS
        while (said := told(proc, process.pid)).command[:1] != argv[:1]:
            assert time.monotonic() < deadline
        process.kill()
    os.close(proc)
    return said


def test_of_a_long_command_line_the_first_words_are_kept_and_that_it_goes_on() -> None:
    command = said_of("sleep", "60", *["0"] * 2000).command
    assert command[:3] == ("sleep", "60", "0")
    assert command[-1] == "..."
    assert sum(len(word) + 1 for word in command) < 600


def test_a_short_one_is_whole() -> None:
    assert said_of("sleep", "60").command == ("sleep", "60")
