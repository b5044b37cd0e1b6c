"""Processes from the listings of ps that a sosreport holds, told again as procfs and `ps -o` tell them.

One listing (`ps alxwww`) has state, parent and all arguments, the other (`ps axo pid,ppid,...,comm,...`) the name. The
third (`ps axo flags,state,...,cmd`) is only as wide as the terminal was. None of them tells which network namespace a
process lives in.
"""

import re

import msgspec

# F UID PID PPID PRI NI VSZ RSS WCHAN STAT TTY TIME COMMAND
_WITH_STATE = re.compile(r"^\S+ +\S+ +(\d{1,9}) +(\d{1,9}) +(?:\S+ +){5}(\S+) +\S+ +\S+ (.*)$")
_WITH_NAME = re.compile(r"^ *(\d{1,9}) +(\d{1,9}) +\S+ +\S+ +\d+ +\d+ +\S+ (.{1,15}?) +\S*$")


class Process(msgspec.Struct, frozen=True):
    """`command` is its arguments, blanks between them; `name` what /proc/PID/comm holds."""

    pid: int
    parent: int
    state: str
    name: str
    command: str


def read_processes(with_state: str, with_names: str) -> dict[int, Process]:
    """By pid. A process that only one of the listings has had not begun, or had ended: it is left out."""
    names = {int(found[1]): found[3].strip() for found in map(_WITH_NAME.match, with_names.splitlines()) if found}
    processes: dict[int, Process] = {}
    for found in map(_WITH_STATE.match, with_state.splitlines()):
        if found is not None and int(found[1]) in names:
            pid = int(found[1])
            processes[pid] = Process(pid, int(found[2]), found[3], names[pid], found[4])
    return processes


def as_ps(processes: dict[int, Process]) -> str:
    """As `ps -A -o pid=,ppid=,stat=,comm=` prints them."""
    lines = (f"{process.pid} {process.parent} {process.state} {process.name}" for process in processes.values())
    return "".join(f"{line}\n" for line in lines)


def as_stat(process: Process) -> str:
    """The beginning of /proc/PID/stat (proc(5))."""
    return f"{process.pid} ({process.name}) {process.state[:1]} {process.parent} 0 0 0"
