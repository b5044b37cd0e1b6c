"""What has to be done each time that a device is made or a module loaded: a rule of udev's, in a file of its own.

udev tells of a bridge as soon as it is there, at boot and whenever its owner makes it anew, and runs the commands of
the rules that name it (udev(7), RUN). A .link file of systemd's would be shorter, and would take the place of the one
that gives bridges their lasting MAC (systemd.link(5): of several that fit, the first alone counts).
"""

import re

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.owners.owner import FileChange

_FOLDER = "/etc/udev/rules.d"
# Words that need no quoting within a rule: no quote, no space, and none of the $ and % that udev replaces.
_PLAIN = r"(?a)[\w./:=+,-]+"
_UDEV = frozenset({"systemd-udevd", "udevd"})
# Where the programs are: udev runs only what has a path, and env(1) has one everywhere.
_ENV = "/usr/bin/env"


def runs_udev(host: Host) -> bool:
    return not isinstance(host.processes, Missing) and any(p.name in _UDEV and p.alive for p in host.processes)


def when_made(device: str, what: str, commands: tuple[tuple[str, ...], ...]) -> FileChange | None:
    """`what`: one word for the file's name. None where a name cannot be said in udev's language."""
    words = (device, *(word for command in commands for word in command))
    if not all(re.fullmatch(_PLAIN, word) for word in words):
        return None
    return _rules(f"{what}-{device}", "net", device, commands)


def when_loaded(module: str, what: str, command: tuple[str, ...]) -> FileChange:
    """For a setting that the module's loading makes anew, later than /etc/sysctl.d was read (sysctl.d(5), its example).

    `command`: of plain words.
    """
    return _rules(what, "module", module, (command,))


def _rules(name: str, subsystem: str, kernel: str, commands: tuple[tuple[str, ...], ...]) -> FileChange:
    runs = ", ".join(f'RUN+="{_ENV} {" ".join(command)}"' for command in commands)
    text = (
        "# Written by pxedoctor; `pxedoctor undo` takes it away again.\n"
        f'ACTION=="add", SUBSYSTEM=="{subsystem}", KERNEL=="{kernel}", {runs}\n'
    )
    return FileChange(path=f"{_FOLDER}/90-pxedoctor-{name}.rules", before=None, after=text)
