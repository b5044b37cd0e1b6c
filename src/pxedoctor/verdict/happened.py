"""What the keeper tells: a finding appeared or went, and who is behind it."""

from enum import StrEnum

import msgspec

from pxedoctor.findings.outcome import Certainty, Severity


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as it stands, in the words that diagnose has for it. `id` is Finding.id."""

    id: str
    name: str
    severity: Severity
    certainty: Certainty
    headline: str
    targets: tuple[str, ...]


class EventWord(StrEnum):
    """DIPPED: it was broken for a moment, and is not. EVENTS_LOST: what was lost, a whole look has made good.

    LISTENING: the keeper began, or can hear more or less than before. STANDS: it was broken before the keeper began
    again, and still is. CLOCK_JUMPED: times before this line are of another clock.
    PROVISIONAL: broken now, in the middle of a burst of changes; the word that stays follows when they have settled.
    """

    APPEARED = "appeared"
    CLEARED = "cleared"
    CHANGED = "changed"
    REPAIRED = "repaired"
    FIGHT = "fight"
    EVENTS_LOST = "events-lost"
    DIPPED = "dipped"
    LISTENING = "listening"
    STANDS = "stands"
    CLOCK_JUMPED = "clock-jumped"
    PROVISIONAL = "provisional"


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """`ancestors` are the programs above it, nearest first. `unit`: of systemd, "" where it is in none.

    `whole`: its ancestors are known up to one that was there before the keeper, or to the first process.
    """

    pid: int
    name: str
    command: str
    ancestors: tuple[str, ...]
    caller: str
    unit: str
    session: str
    uid: int | None
    session_user: int | None
    whole: bool

    def words(self) -> str:
        """One phrase: `ufw enable, by root from ssh`, `firewalld.service`, `dockerd -> iptables`."""
        by = f", by {_user(self.session_user)}" if self.session_user is not None else ""
        by += f" from {self.session}" if by and self.session else ""
        is_itself = self.caller.partition(" ")[0] == self.name
        if self.caller and not (self.unit and is_itself):
            return f"{self.caller} -> {self.name}{by}" if self.unit and not by else f"{self.caller}{by}"
        if self.unit:
            return f"{self.unit} ({self.name}){by}"
        told = self.command or self.name
        return f"{told}{by}" if self.whole else f"{told}, started by an unknown parent{by}"


class Heard(msgspec.Struct, frozen=True):
    """A source of events. `why` it is not heard, and what would help; both "" where it is heard."""

    name: str
    why: str = ""
    would_help: str = ""


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """`time`: RFC 3339, UTC, to the millisecond. `what`: the last change before it, in words.

    `seconds`: from that change to the moment at which this is told. `others`: who else changed things just before.
    `lasted`: of what is no longer broken, the seconds that it was. `outcome`: of a repair, in the words of `fix`.
    `instead`: what a person can do about it, one sentence or command each.
    `sources`: of LISTENING, all of them.
    """

    time: str
    event: EventWord
    finding: Standing | None
    what: str
    who: Who | None
    others: tuple[str, ...] = ()
    seconds: float = 0.0
    lasted: float = 0.0
    outcome: str = ""
    instead: tuple[str, ...] = ()
    sources: tuple[Heard, ...] = ()


def _user(uid: int) -> str:
    return "root" if uid == 0 else f"user {uid}"
