"""Ends repairs by SIGKILL and sees what `pxedoctor undo` makes of what they left: the plans of all faults of the lab.

1. Each plan is killed at every write of the journal, before it and after it: the boundaries of its steps.
2. It is killed at random moments between its first write and its last.
3. After each, `undo` is asked. Restored: the site equals its picture from before the repair, texts under normalise(),
   files to the byte, with owner and mode. Told: where a step has no way back, or its way back leaves something behind,
   the site is as a repair that was not cut off leaves it after its undo, and `undo` says what stays, why, and what to
   type.
4. Everything else is a failure, with what differs.

What takes a whole machine to break is broken, repaired and killed inside one, by this same code; it is the site then.
"""

import json
import platform
import random
import subprocess
import time
from collections.abc import Callable

import msgspec

from pxedoctor.lab.case import Case
from pxedoctor.lab.catalogue import faults
from pxedoctor.lab.ground.error import GroundError
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.machine.trying import drill_in_machine
from pxedoctor.lab.normalise import differences, fingerprint
from pxedoctor.lab.picture import take
from pxedoctor.lab.site import Site, SiteError, Told

# Where repairs write, or change a mode, besides what every picture of a site holds: not the whole of /etc, which the
# machine may change while a site reads through it.
_FOLDERS = (
    "/etc/docker",
    "/etc/libvirt",
    "/etc/modules-load.d",
    "/etc/sysctl.d",
    "/etc/systemd/system",
    "/etc/NetworkManager",
    "/etc/ufw",
    "/srv/tftp",
)
_JOURNAL = "/var/lib/pxedoctor/journal"
# A daemon that was restarted writes its rules after it has forked: libvirt 9 within 4 s.
_PAUSES = (0.5, 1, 2, 4, 4)
_KILLED = -9

Tell = Callable[[str], None]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Whether at each boundary; at how many random moments, drawn from `seed`.

    `patience`: how many times longer than usual a site's programs may take.
    """

    boundaries: bool = True
    moments: int = 6
    seed: int = 5
    patience: float = 1.0


class Row(msgspec.Struct, kw_only=True):
    """What came of one fault's plan. `boundaries`, `moments`: how often it was killed there.

    `taken`: when, on which kernel, and with which seed.
    """

    name: str
    cause: str
    taken: str = ""
    steps: int = 0
    boundaries: int = 0
    moments: int = 0
    restored: int = 0
    told: int = 0
    wrong: list[str] = []
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return self.steps > 0 and not self.wrong


def drilled() -> tuple[Case, ...]:
    """The faults whose plan can be killed: those that have one."""
    return tuple(case for case in faults() if case.mended)


def drill(case: Case, asked: Asked, tell: Tell) -> Row:
    """One fault's plan, on a site of its own, or in a copy of a whole machine where that is the case's ground."""
    if case.ground == "machine":
        return _in_machine(case, asked, tell)
    with open_site() as site:
        return drill_on(msgspec.structs.replace(site, patience=asked.patience), case, asked, tell)


def drill_on(site: Site, case: Case, asked: Asked, tell: Tell) -> Row:
    """As `drill`, on this site. `tell` hears of each kill before it is done."""
    row = Row(name=case.name, cause=_cause(case), wrong=[])
    row.taken = f"Linux {platform.release().split('-')[0]}, seed {asked.seed}"
    started = time.monotonic()
    try:
        _Drill(site, case, row, tell).run(asked)
    except (SiteError, subprocess.TimeoutExpired) as error:
        row.wrong.append(f"the site itself failed: {error}")
    row.seconds = round(time.monotonic() - started, 1)
    return row


def _in_machine(case: Case, asked: Asked, tell: Tell) -> Row:
    try:
        told = drill_in_machine(case.name, msgspec.json.encode(asked).decode(), tell, case.release)
    except GroundError as error:
        return Row(name=case.name, cause=_cause(case), wrong=[f"the machine itself failed: {error}"])
    return msgspec.json.decode(told, type=Row)


def _cause(case: Case) -> str:
    return getattr(case.expect, "cause", "")


class _Drill:
    def __init__(self, site: Site, case: Case, row: Row, tell: Tell) -> None:
        self.site = site
        self.case = case
        self.row = row
        self.tell = tell
        risky = ("--allow-risky",) if case.allow_risky else ()
        self.fix = ("fix", *case.asked_with, "--only", row.cause, "--apply", "--yes", "--no-revert", *risky, "--json")
        self.first: dict[str, str] = {}
        self.remains: dict[str, str] = {}

    def run(self, asked: Asked) -> None:
        chance = random.Random(f"{self.case.name} {asked.seed}")
        self.case.build(self.site)
        self.case.inject(self.site)
        self.first = self._picture()
        writes, seconds = self._whole()
        if asked.boundaries:
            for number in range(1, writes + 1):
                for when in ("before", "after"):
                    self.row.boundaries += 1
                    self._killed(when, str(number))
        for _ in range(asked.moments):
            self.row.moments += 1
            self._killed("within", f"{chance.uniform(0, seconds):.4f}")

    def _whole(self) -> tuple[int, float]:
        """A repair that is not cut off, and its undo: how it goes, and what remains of it."""
        done = self._crashing("never", "0")
        try:
            document = json.loads(done.stdout)
            measured = json.loads(done.stderr.splitlines()[-1])
        except (ValueError, IndexError) as error:
            raise SiteError(f"the repair told nothing: {done.stdout}{done.stderr}") from error
        if document.get("outcome") != "verified":
            raise SiteError(f"the repair did not verify: {document}")
        if not differences(self.first, self._picture()):
            raise SiteError("the repair changes nothing that a picture holds, so that this drill would be of nothing")
        self.row.steps = len(document["plans"][0]["steps"])
        undone = self.site.doctor("undo")
        if not _tells(undone):
            differ = differences(self.first, self._at_rest(self.first))
            self.row.wrong += [f"not cut off: {words}" for words in differ]
        else:
            self.remains = self._at_rest()
            self._anew()
        return measured["writes"], measured["seconds"]

    def _killed(self, when: str, number: str) -> None:
        self.tell(f"killed {when} {number}")
        self.site.run("rm", "-rf", _JOURNAL)
        done = self._crashing(when, number)
        if done.returncode != _KILLED and when != "within":
            self.row.wrong.append(f"{when} {number}: it was not killed: {done.returncode} {done.stderr}")
        undone = self.site.doctor("undo")
        now = self._at_rest(self.first, *([self.remains] if _tells(undone) else []))
        differ = differences(self.first, now)
        if not differ:
            self.row.restored += 1
            return
        if _tells(undone) and not differences(self.remains, now):
            self.row.told += 1
        else:
            self.row.wrong.append(f"{when} {number}: " + "\n".join([*differ, json.dumps(undone.document)]))
        self._anew()

    def _anew(self) -> None:
        """The fault made again, where an undo does not bring it back."""
        self.case.heal(self.site)
        self.case.inject(self.site)
        self.first = self._at_rest(self.first)

    def _crashing(self, when: str, number: str) -> "subprocess.CompletedProcess[str]":
        return self.site.fork("pxedoctor.lab.crashing", when, number, *self.fix)

    def _at_rest(self, *wanted: dict[str, str]) -> dict[str, str]:
        """The picture as soon as it equals one of those, else when a daemon has had its time."""
        now = self._picture()
        for pause in _PAUSES:
            if any(not differences(picture, now) for picture in wanted):
                break
            time.sleep(pause * self.site.patience)
            now = self._picture()
        return now

    def _picture(self) -> dict[str, str]:
        there = [folder for folder in _FOLDERS if self.site.exists(folder)]
        owners = self.site.run("find", *there, "-xdev", "-printf", "%p %m %U %G\\n") if there else ""
        texts = {question: _without_many_zombies(text) for question, text in take(self.site).items()}
        return texts | fingerprint(self.site.path(""), _FOLDERS) | {"owners": "\n".join(sorted(owners.splitlines()))}


def _without_many_zombies(text: str) -> str:
    """How many there are of what has ended depends on when process 1 looks; that there is one is left."""
    ended = dict.fromkeys(line for line in text.splitlines() if _has_ended(line))
    return "\n".join([*ended, *(line for line in text.splitlines() if not _has_ended(line))])


def _has_ended(line: str) -> bool:
    return not line.strip() or "zombie" in line or line.startswith("Absent(why='/proc/PID")


def _tells(undone: Told) -> bool:
    """Whether `undo` says that something stands, and of each such step why; or what a way back has left."""
    steps = [step for plan in undone.document.get("plans", ()) for step in plan["steps"]]
    stands = [step for step in steps if step["state"] in {"done", "failed", "undo-failed"}]
    leaves = any(step["state"] == "undone" and step["why"] for step in steps)
    return (bool(stands) or leaves) and all(step["why"] for step in stands)


def read(record: bytes) -> list[Row]:
    """A row a line, in the order of the cases; those whose fault has no plan any more are left out."""
    rows = {row.name: row for row in msgspec.json.Decoder(Row).decode_lines(record)}
    return [rows[case.name] for case in drilled() if case.name in rows]


_COLUMNS = ("steps", "killed at boundaries", "at random moments", "restored", "told", "wrong")


def table(rows: list[Row]) -> str:
    """The record as the page shows it."""
    counts = [(row.steps, row.boundaries, row.moments, row.restored, row.told, len(row.wrong)) for row in rows]
    lines = [f"| fault | {' | '.join(_COLUMNS)} |", "|---" * (len(_COLUMNS) + 1) + "|"]
    lines += [f"| {row.name} | {' | '.join(map(str, numbers))} |" for row, numbers in zip(rows, counts, strict=True)]
    sums = [f"**{sum(numbers)}**" for numbers in zip(*counts, strict=True)]
    return "\n".join([*lines, f"| **all {len(rows)}** | {' | '.join(sums)} |", ""])


def shown(rows: list[Row]) -> str:
    """The whole record: how much of the lab it is, when it was taken, the table, and what it lacks."""
    plans = drilled()
    killed = sum(row.boundaries + row.moments for row in rows)
    taken = "; ".join(dict.fromkeys(row.taken for row in rows))
    lacks = [case.name for case in plans if case.name not in {row.name for row in rows}]
    missing = f"\nNot drilled yet: {', '.join(lacks)}.\n" if lacks else ""
    return f"{len(rows)} of {len(plans)} plans, killed {killed} times ({taken}).\n\n{table(rows)}{missing}"
