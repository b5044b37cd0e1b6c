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
    UNSAID: events that found no place where they are printed, for nobody read there; told there alone.
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
    UNSAID = "unsaid"


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked a daemon to change something. `program` as it was typed, of a daemon its name alone.

    `caller`: the first program above it that is no shell, tool or login; "" where there is none. `unit`: of systemd, ""
    where it is in none. `session` and `session_user`: of whoever logged in.
    """

    pid: int
    program: str
    caller: str = ""
    unit: str = ""
    session: str = ""
    session_user: int | None = None

    def words(self) -> str:
        """`firewall-cmd --reload, by root from ssh`, `fail2ban.service (fail2ban-server -> firewall-cmd --reload)`."""
        programs = f"{self.caller} -> {self.program}" if self.caller else self.program
        where = f"{self.unit} ({programs})" if self.unit and not self.session else programs
        return f"{where}{_by(self.session_user, self.session)}"


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """`ancestors` are the programs above it, nearest first. `unit`: of systemd, "" where it is in none.

    `whole`: its ancestors are known up to one that was there before the keeper, or to the first process. `asked`: who
    had a daemon do it, None where that is not known.
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
    asked: Asker | None = None

    def words(self) -> str:
        """One phrase: `ufw enable, by root from ssh`, `dockerd -> iptables`, `firewalld.service (firewalld), asked by
        firewall-cmd --reload, by root from ssh`."""
        did = self._did()
        return f"{did}, asked by {self.asked.words()}" if self.asked is not None else did

    def pids(self) -> str:
        """Of whom the phrase speaks."""
        if self.asked is None:
            return f"pid {self.pid}"
        return f"pid {self.asked.pid}; {self.name}'s is {self.pid}"

    def _did(self) -> str:
        by = _by(self.session_user, self.session)
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


def _by(user: int | None, session: str) -> str:
    """`, by root from ssh`; "" where nobody logged in."""
    if user is None:
        return ""
    name = "root" if user == 0 else f"user {user}"
    return f", by {name} from {session}" if session else f", by {name}"
