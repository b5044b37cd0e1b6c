"""Asks systemd whether it filters the traffic of a server's unit (systemd.resource-control(5), IPAddressDeny=).

systemd attaches a program to the unit's control group, and what it drops no packet filter rule tells of. `systemctl
show` starts nothing; it is run only where systemd is the host's init system.
"""

import re

from pxedoctor.access.answer import Text
from pxedoctor.access.notebook import Notebook

BOOTED = "/run/systemd/system"
PROPERTIES = ("IPAddressDeny", "IPIngressFilterPath", "IPEgressFilterPath", "SocketBindDeny")
_UNIT = r"(?m)/([A-Za-z0-9:_.@\\-]+\.service)\s*$"


def cgroup_file(pid: str) -> str:
    return f"/proc/{pid}/cgroup"


def show(unit: str) -> tuple[str, ...]:
    return ("systemctl", "show", unit, *(word for name in PROPERTIES for word in ("-p", name)))


def unit_in(cgroup: str) -> str:
    """The service of a process, from /proc/PID/cgroup (cgroups(7)); "" for one in none."""
    found = re.search(_UNIT, cgroup)
    return found[1] if found else ""


def ask(host: Notebook, pid: str) -> None:
    unit = ask_unit(host, pid)
    if unit:
        host.run(show(unit))


def ask_unit(host: Notebook, pid: str) -> str:
    """The process' service, as `unit_in`; "" where systemd does not run, too."""
    if not isinstance(host.list(BOOTED), Text):
        return ""
    answer = host.read(cgroup_file(pid))
    return unit_in(answer.text) if isinstance(answer, Text) else ""
