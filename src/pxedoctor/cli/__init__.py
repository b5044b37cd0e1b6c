"""The command line: one file per verb, each imported only when it is typed, and click only for whoever gives options.

click is a tenth of what a diagnosis without rules takes. What is typed oftenest (`diagnose`, `diagnose GUEST --json`,
`list`, `explain NAME`) has nothing to be parsed but words and flags: cli/plain.py.
"""

import os
import sys
from typing import NamedTuple


class Verb(NamedTuple):
    """The module that holds a verb's command, and its line in the list of verbs."""

    module: str
    line: str


# The names are what a person types. Their lines stand here, because 15 modules with all they need are 0.2 s.
VERBS: dict[str, Verb] = {
    "diagnose": Verb("pxedoctor.cli.diagnose", "Say where the packets of guests die, and why."),
    "probe": Verb("pxedoctor.cli.probe", "Ask as a guest's firmware asks, and tell what comes back."),
    "trace": Verb("pxedoctor.cli.trace", "Watch the packets of a guest, and say where they die."),
    "fix": Verb("pxedoctor.cli.fix", "Show the repair of what `diagnose` finds, or do it."),
    "keep": Verb("pxedoctor.cli.keep", "Let a repair stay that would be taken back by itself."),
    "undo": Verb("pxedoctor.cli.undo", "Take a repair back."),
    "history": Verb("pxedoctor.cli.history", "List what pxedoctor did to this host."),
    "watch": Verb("pxedoctor.cli.watch", "Stay, and say at once what a change breaks, and whose."),
    "events": Verb("pxedoctor.cli.events", "List what the keeper told on this host."),
    "restart-after": Verb("pxedoctor.cli.restart_after", "Restart libvirt's network daemon whenever a unit is."),
    "snapshot": Verb("pxedoctor.cli.snapshot", "Write what a diagnosis reads into a file."),
    "explain": Verb("pxedoctor.cli.explain", "Explain a cause, a finding, or what a program said."),
    "list": Verb("pxedoctor.cli.list", "List all causes."),
    "schema": Verb("pxedoctor.cli.schema", "Print the JSON Schema of what --json prints."),
    "lab": Verb("pxedoctor.cli.lab", "Break sandboxed hosts on purpose, and try the doctor."),
}


def main() -> None:
    """Runs the command line and exits with the contract's codes (docs: exit codes)."""
    from pxedoctor.cli.plain import plain

    try:
        run = plain(sys.argv[1:])
        if run is None:
            from pxedoctor.cli import group

            run = group.run
        run()
    except BrokenPipeError:
        sys.exit(reader_has_left())
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    except Exception as error:
        _internal_error(error)


def reader_has_left() -> int:
    """The exit status of whoever writes to nobody (`| head`), as SIGPIPE's; nothing more is written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 141


def _internal_error(error: Exception) -> None:
    if os.environ.get("PXEDOCTOR_TRACEBACK"):
        raise error
    sys.stderr.write(f"pxedoctor itself failed: {type(error).__name__}: {error}\n")
    sys.stderr.write("please report it, with the same command run with PXEDOCTOR_TRACEBACK=1\n")
    sys.exit(70)
