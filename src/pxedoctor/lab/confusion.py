"""Which cause is named first, for each fault of the lab, and what is found on hosts that have none.

Each fault, decoy and healthy host is made on a drawn site (lab.drawn), and `diagnose` is asked as the case says. A
guest then tries, so that it is known that the fault is there, or that the decoy harms nobody; but a real firmware does
not: its minute is another's (make long).
"""

import datetime
import platform
import random
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from pxedoctor.lab import zoo
from pxedoctor.lab.case import Breaks, Case
from pxedoctor.lab.catalogue import cases
from pxedoctor.lab.drawn import DrawnSite, Surroundings, draw, drawn_site
from pxedoctor.lab.site import Site, SiteError, Told

Kind = Literal["fault", "decoy", "zoo"]


class Noted(msgspec.Struct, kw_only=True):
    """What a record keeps of every drawn site. `trouble`: why it could not be made."""

    name: str
    drawn: Surroundings | None = None
    taken: str = ""
    trouble: str = ""
    seconds: float = 0.0


class Seen(Noted, kw_only=True):
    """What was said about one host. `cause`: the one that was made, "" for none; `named`: in the order of the report.

    `worked`: whether the guest got what it wants; null where none tried. `allowed`: the risks that the case says may
    be there. `unknown`: what could not be told and lies on the road.
    """

    kind: Kind
    cause: str = ""
    named: list[str] = []
    allowed: list[str] = []
    unknown: list[str] = []
    exit_code: int = -1
    worked: bool | None = None

    @property
    def first(self) -> str:
        return self.named[0] if self.named else ""

    @property
    def made(self) -> bool:
        """Whether it is the host that it should be: broken, or healthy."""
        return not self.trouble and self.worked in {None, not self.cause}

    @property
    def right(self) -> bool:
        alarms = set(self.named) - set(self.allowed)
        return self.first == self.cause if self.cause else not alarms and self.exit_code == 0


def observed() -> tuple[Case, ...]:
    """Those that can be made in a site."""
    return tuple(case for case in cases() if case.ground == "namespace")


def observe(case: Case, seed: int) -> Seen:
    cause = case.expect.cause if isinstance(case.expect, Breaks) else ""
    seen = Seen(kind="fault" if cause else "decoy", name=case.name, cause=cause, allowed=list(case.also))

    def see(site: Site) -> None:
        case.build(site)
        case.inject(site)
        _note(seen, site.doctor("diagnose", *case.asked_with))
        if not case.firmware:
            seen.worked = case.attempt(site).ok

    on_drawn_site(seen, seed, see)
    return seen


def observe_zoo(manager: str, seed: int) -> list[Seen]:
    """Ten hosts: behind one firewall manager, each kind of network and firmware."""
    whole, hosts = Seen(kind="zoo", name=manager), []

    def see(site: Site) -> None:
        for kind, told in zoo.diagnosed(site, manager):
            for firmware in zoo.FIRMWARE:
                seen = Seen(kind="zoo", name=f"{manager}, {kind}, {firmware}")
                _note(seen, told, firmware)
                hosts.append(seen)

    on_drawn_site(whole, seed, see)
    for seen in hosts:
        seen.drawn, seen.taken, seen.seconds = whole.drawn, whole.taken, round(whole.seconds / len(hosts), 1)
    return [whole] if whole.trouble else hosts


def on_drawn_site(seen: Noted, seed: int, see: Callable[[DrawnSite], None]) -> None:
    """On a site that its name and the seed draw; `seen` is told which, when, and what went wrong with the site."""
    seen.drawn = draw(random.Random(f"{seen.name} {seed}"))
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    seen.taken = f"{today}, Linux {platform.release().split('-')[0]}, seed {seed}"
    started = time.monotonic()
    try:
        with drawn_site(seen.drawn) as site:
            see(site)
    except (SiteError, subprocess.TimeoutExpired) as error:
        seen.trouble = str(error)
    seen.seconds = round(time.monotonic() - started, 1)


def _note(seen: Seen, told: Told, guest: str = "") -> None:
    """All that was said; or, of one of several guests, what was said of it."""
    ids = {target["id"] for target in told.document.get("targets", ()) if not guest or target["guest"] == guest}
    found = [finding for finding in told.document.get("findings", ()) if not guest or ids & set(finding["targets"])]
    seen.named = list(dict.fromkeys(finding["name"] for finding in found))
    unknown = [entry for entry in told.document.get("unknown", ()) if entry["on_road"] and ids & set(entry["targets"])]
    seen.unknown = list(dict.fromkeys(entry["name"] for entry in unknown))
    seen.exit_code = told.exit_code


def read(record: bytes) -> list[Seen]:
    """A host a line, the later line for a host that is there twice; faults, decoys and the zoo in the lab's order."""
    rows = {row.name: row for row in msgspec.json.Decoder(Seen).decode_lines(record)}
    in_order = [rows.pop(case.name) for case in observed() if case.name in rows]
    hosts = [row for row in rows.values() if row.kind == "zoo"]
    return [*in_order, *sorted(hosts, key=lambda row: row.name)]


def missing(rows: Sequence[Seen]) -> list[str]:
    """Which cases, and which managers of the zoo, have no row."""
    there = {row.name for row in rows} | {row.name.partition(",")[0] for row in rows if row.kind == "zoo"}
    return [name for name in (*(case.name for case in observed()), *zoo.MANAGERS) if name not in there]
