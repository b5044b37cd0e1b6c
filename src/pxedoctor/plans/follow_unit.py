"""libvirt's daemon is restarted whenever a firewall's unit is: "remember to restart libvirtd after it".

PartOf= takes a restart and a stop over from the other unit, After= has the daemon start when that one is done
(systemd.unit(5)). Neither follows a reload.
"""

import re

from pxedoctor.plans.drop_in import SERVICE, drop_in
from pxedoctor.plans.file import ChangeFile
from pxedoctor.plans.owners.owner import FileChange
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety

_MONOLITHIC = "libvirtd"


def following(daemon: str, unit: str) -> FileChange:
    why = f"{unit} takes libvirt's rules away: whenever it is restarted, {daemon} is too, and writes them back."
    name = f"after-{unit.removesuffix('.service')}"
    return drop_in(f"{daemon}.service", name, why, f"[Unit]\nAfter={unit}\nPartOf={unit}\n")


def followed(daemon: str, unit: str) -> Plan | NoPlan:
    """`daemon`: libvirtd or virtnetworkd, whichever owns this host's networks."""
    if not re.fullmatch(SERVICE, unit):
        return NoPlan(
            f"{unit!r} is no name of a service of systemd's: what a person types is followed by nothing",
            ('let the keeper put it back: libvirt-rules-missing = "repair" in /etc/pxedoctor/keeper.toml',),
        )
    if unit == f"{daemon}.service":
        return NoPlan(f"{unit} cannot follow itself")
    lost = ""
    if daemon == _MONOLITHIC:
        lost = (
            f"With each restart of {unit} a migration or another job of libvirtd breaks off, and `systemctl stop "
            f"{unit}` stops libvirtd too, until somebody asks its socket; guests run on."
        )
    step = ChangeFile(
        words=f"{daemon} is restarted after {unit}",
        change=following(daemon, unit),
        safety=Safety.RISKY if lost else Safety.SAFE,
        may_lose=lost,
    )
    reload = (
        f"Not followed: `systemctl reload {unit}`. Where that takes the rules away too, let the keeper put them back."
    )
    order = f"Before it at boot alone: After={unit} without PartOf=; a restart by day would take the rules away again."
    pending = (
        f"It holds from the next restart of {unit} on: systemctl daemon-reload has been done, nothing was restarted."
    )
    return Plan(steps=(step,), pending=pending, other_ways=(reload, order))
