"""The JSON of the keeper's events, as types."""

import msgspec

from pxedoctor.findings.outcome import Certainty, Severity
from pxedoctor.verdict.happened import EventWord


class StandingDocument(msgspec.Struct):
    id: str
    name: str
    severity: Severity
    certainty: Certainty
    headline: str
    targets: list[str]


class AskerDocument(msgspec.Struct):
    """Who had a daemon do it, over the system bus or through systemd. `caller`: the program above it."""

    pid: int
    program: str
    caller: str
    unit: str
    session: str
    session_user: int | None
    words: str


class WhoDocument(msgspec.Struct):
    """`words`: all of it in one phrase. `ancestors`: nearest first. `session`: where a login came from.

    `asked_by`: null where nobody is known to have asked for it.
    """

    pid: int
    name: str
    command: str
    ancestors: list[str]
    unit: str
    uid: int | None
    caller: str
    session: str
    session_user: int | None
    words: str
    asked_by: AskerDocument | None = None


class HeardDocument(msgspec.Struct):
    """A source of events; `why` it is not heard."""

    name: str
    heard: bool
    why: str
    would_help: str


class EventDocument(msgspec.Struct, tag_field="type", tag="event"):
    """What `watch --json` and `events --json` print, one a line. `seconds`: from the change to this line.

    `lasted`: seconds that it was broken. `outcome`: of a repair. `instead`: what a person can do.
    `sources`: what the keeper listens to, when it began.
    """

    schema_version: int
    time: str
    event: EventWord
    finding: StandingDocument | None
    who: WhoDocument | None
    what: str
    others: list[str]
    seconds: float
    lasted: float
    outcome: str
    instead: list[str]
    sources: list[HeardDocument]
