"""From a change of the rules to the keeper's word about it: how long, and was it the right program.

Each round puts a DROP above libvirt's rules or takes libvirt's rules away, by a script of its own name that is gone at
once, and heals it again. `seconds` is the keeper's own: from the last transaction that it heard to the line it prints.
"""

import statistics
import subprocess
import time
from collections.abc import Callable

import msgspec

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site, restart_libvirt
from pxedoctor.lab.site import Site
from pxedoctor.lab.watched import Watched, watched

_IDLE_SECONDS = 30


class Round(msgspec.Struct, frozen=True):
    """How rules are overridden, and how that is healed."""

    name: str
    script: str
    heal: Callable[[Site], object]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds, one a round, and of how many the caller was named rightly."""

    milliseconds: list[float]
    named: int
    idle_share: float
    memory: float


def _insert(tool: str) -> Round:
    rule = "INPUT -p udp --dport 67 -j DROP"
    return Round(tool, f"{tool} -I {rule}", lambda site: site.run(*f"{tool} -D {rule}".split()))


_CHAIN = "add chain inet t c { type filter hook input priority -5; }"
ROUNDS = (
    _insert("iptables"),
    _insert("iptables-legacy"),
    Round("flush", "iptables -F LIBVIRT_INP", restart_libvirt),
    Round(
        "nft",
        f'nft "add table inet t; {_CHAIN}; add rule inet t c udp dport 67 drop"',
        lambda site: site.run("nft", "delete", "table", "inet", "t"),
    ),
)


def overrides(count: int) -> Found:
    """Rounds in turn, `count` in all."""
    times: list[float] = []
    named = 0
    with open_site() as site:
        libvirt_site(site)
        with watched(site) as keeper:
            for number in range(count):
                seconds, right = _round(site, keeper, ROUNDS[number % len(ROUNDS)], number)
                times.append(seconds * 1000)
                named += right
            idle, memory = _idle(keeper)
    return Found(milliseconds=sorted(times), named=named, idle_share=idle, memory=memory)


def _round(site: Site, keeper: Watched, kind: Round, number: int) -> tuple[float, bool]:
    name = f"culprit{number}"
    site.write(f"/usr/local/sbin/{name}", f"#!/bin/sh\n{kind.script}\n")
    site.run("chmod", "755", f"/usr/local/sbin/{name}")
    site.run("sh", "-c", f"/usr/local/sbin/{name} & wait")
    told = keeper.next()
    while told["event"] != "appeared":
        told = keeper.next()
    kind.heal(site)
    while keeper.next()["event"] not in {"cleared", "dipped"}:
        pass
    who = told["who"] or {}
    return told["seconds"], name in " ".join((who.get("caller", ""), *who.get("ancestors", ())))


def _idle(keeper: Watched) -> tuple[float, float]:
    """The share of a core that both processes take while nothing happens, and their memory in MiB."""
    pids = [keeper.pid, *_children(keeper.pid)]
    before = sum(_ticks(pid) for pid in pids)
    time.sleep(_IDLE_SECONDS)
    ticks = sum(_ticks(pid) for pid in pids) - before
    return ticks / 100 / _IDLE_SECONDS, sum(_resident(pid) for pid in pids)


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def _ticks(pid: int) -> int:
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        words = file.read().rpartition(")")[2].split()
    return int(words[11]) + int(words[12])


def _resident(pid: int) -> float:
    """Proportional: what two processes share is counted once (proc_pid_smaps(5))."""
    said = subprocess.run(["cat", f"/proc/{pid}/smaps_rollup"], capture_output=True, text=True, check=True).stdout
    line = next(line for line in said.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) / 1024


def median(found: Found) -> float:
    return statistics.median(found.milliseconds)


def share(found: Found, part: float) -> float:
    return found.milliseconds[min(len(found.milliseconds) - 1, int(part * len(found.milliseconds)))]
