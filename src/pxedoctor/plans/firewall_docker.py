"""The repair in Docker's own language: its chain for a person's rules, now and whenever dockerd starts.

1. DOCKER-USER is asked before all of Docker's, and before the DROP that it sets as FORWARD's policy.
2. Docker makes the chain and fills it with nothing. What is in it outlives dockerd's restart, and no reboot.
3. Docker has no setting for it, so that systemd, where it runs dockerd, puts the rule there once dockerd is ready
   (systemd.service(5), ExecStartPost=): by then the chain is made.
"""

import re

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.drop_in import SERVICE, drop_in
from pxedoctor.plans.file import ChangeFile
from pxedoctor.plans.firewall_base import in_base_chain
from pxedoctor.plans.firewall_obstacle import Obstacle
from pxedoctor.plans.firewall_opening import Opening
from pxedoctor.plans.firewall_rule import InsertIptablesRule
from pxedoctor.plans.plan import NoPlan, Plan

CHAIN = "DOCKER-USER"
_DAEMON = "dockerd"


def in_docker(host: Host, obstacle: Obstacle, wants: Opening) -> Plan | NoPlan:
    if obstacle.table.dialect != "iptables":
        return NoPlan(
            "Docker's nftables backend keeps no chain for a person's rules, and an accept elsewhere overrides nothing",
            (
                "keep guests and containers on bridges of their own: Docker guards only its networks' bridges",
                'or "firewall-backend": "iptables" in /etc/docker/daemon.json, whose DOCKER-USER is asked first',
            ),
        )
    forwards = wants.direction in {"bridged", "routed"}
    # Docker before 17.06 has none.
    if not forwards or CHAIN not in obstacle.table.chains:
        return in_base_chain(host, obstacle, wants, obstacle.base)
    live = in_base_chain(host, obstacle, wants, CHAIN)
    unit = _unit(host)
    return _kept(live, unit, wants) if isinstance(live, Plan) and unit else live


def _unit(host: Host) -> str:
    """The service in which systemd runs dockerd; "" where it does not, or that is not known."""
    processes = () if isinstance(host.processes, Missing) else host.processes
    units = {p.unit for p in processes if p.name == _DAEMON and p.alive and not p.elsewhere and p.unit}
    unit = units.pop() if len(units) == 1 else ""
    return unit if re.fullmatch(SERVICE, unit) else ""


def _kept(live: Plan, unit: str, wants: Opening) -> Plan:
    rules = [step for step in live.steps if isinstance(step, InsertIptablesRule)]
    # A rule that cannot be set is no reason for dockerd not to start: the minus.
    lines = "".join(f"ExecStartPost=-/bin/sh -c '{rule.unless_there()}'\n" for rule in rules)
    why = f"Nobody keeps {CHAIN} over a reboot: whenever dockerd has started, {wants} is accepted there."
    name = f"{wants.service}-{wants.direction}-{wants.interface}"
    change = drop_in(unit, name, why, f"[Service]\n{lines}")
    words = f"{wants} is accepted whenever {unit} has started"
    step = ChangeFile(words=words, change=change, safety=live.safety, may_lose=live.may_lose)
    rests = f"Not kept: where something else empties {CHAIN} while dockerd runs, it is back from dockerd's next start."
    return msgspec.structs.replace(live, steps=(*live.steps, step), other_ways=(rests,))
