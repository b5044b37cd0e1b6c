"""Writes events into systemd's journal with their fields, by its native protocol.

Source: systemd.io/JOURNAL_NATIVE_PROTOCOL: one datagram an entry; `KEY=value` and a newline, or, where the value holds
a newline, `KEY`, a newline, its length as a little-endian 64-bit number, the value and a newline.
"""

import socket
from collections.abc import Iterator

import msgspec

from pxedoctor.report.harmless import shown
from pxedoctor.verdict.happened import EventWord, Happened

SOCKET = "/run/systemd/journal/socket"
# `journalctl MESSAGE_ID=...` finds all events; made for this once, as sd-messages.h asks.
MESSAGE_ID = "274e3b91dc484ce891b8d60d92bb3223"
# syslog(3): warning, notice, info.
_WARNING, _NOTICE, _INFO = 4, 5, 6
_PRIORITIES: dict[EventWord, int] = {
    EventWord.APPEARED: _WARNING,
    EventWord.FIGHT: _WARNING,
    EventWord.EVENTS_LOST: _WARNING,
    EventWord.CHANGED: _NOTICE,
    EventWord.REPAIRED: _NOTICE,
    EventWord.CLEARED: _NOTICE,
    EventWord.DIPPED: _INFO,
}


class Journal:
    """Raises OSError when made where no journal listens."""

    def __init__(self, path: str = SOCKET) -> None:
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        try:
            self._line.connect(path)
            self._line.setblocking(False)
        except OSError:
            self._line.close()
            raise

    def tell(self, event: Happened) -> None:
        """Raises OSError where the journal is gone or has no room."""
        self._line.send(datagram(event))

    def close(self) -> None:
        self._line.close()


def datagram(event: Happened) -> bytes:
    return b"".join(_field(name, value) for name, value in _fields(event) if value)


def _fields(event: Happened) -> Iterator[tuple[str, str]]:
    yield "MESSAGE", shown(sentence(event))
    yield "MESSAGE_ID", MESSAGE_ID
    yield "PRIORITY", str(_PRIORITIES.get(event.event, _NOTICE))
    yield "SYSLOG_IDENTIFIER", "pxedoctor"
    yield "PXEDOCTOR_EVENT", event.event
    yield "PXEDOCTOR_WHAT", event.what
    yield "PXEDOCTOR_SECONDS", f"{event.seconds:.3f}"
    if event.finding is not None:
        yield "PXEDOCTOR_CAUSE", event.finding.name
        yield "PXEDOCTOR_FINDING", event.finding.id
        yield "PXEDOCTOR_SEVERITY", event.finding.severity
        yield "PXEDOCTOR_CERTAINTY", event.finding.certainty
        for target in event.finding.targets:
            yield "PXEDOCTOR_TARGET", target
    if event.who is not None:
        yield "PXEDOCTOR_BY", event.who.words()
        yield "PXEDOCTOR_BY_PID", str(event.who.pid)
        yield "PXEDOCTOR_BY_COMMAND", event.who.command
        yield "PXEDOCTOR_BY_UNIT", event.who.unit
    yield "PXEDOCTOR_JSON", msgspec.json.encode(event).decode()


def sentence(event: Happened) -> str:
    """One line: the word, the cause, what it is, and who it was."""
    about = f"{event.finding.name}: {event.finding.headline}" if event.finding is not None else event.what
    by = f" (by {event.who.words()}, {event.who.pids()})" if event.who is not None else ""
    return f"{event.event}: {about}{by}"


def _field(name: str, value: str) -> bytes:
    content = value.encode()
    if b"\n" not in content:
        return name.encode() + b"=" + content + b"\n"
    return name.encode() + b"\n" + len(content).to_bytes(8, "little") + content + b"\n"
