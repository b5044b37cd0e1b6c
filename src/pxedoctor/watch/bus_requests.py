"""Who asks firewalld for a change: a monitor of the system bus, which sees the calls and their answers.

1. firewalld serves one call after the other, and has written the rules when it answers (firewall/server/firewalld.py):
   who asked for what it writes is whoever's call was unanswered then.
2. Where the calls of several were, nobody is named; nor where the caller is gone before the bus could say its number.
3. What only asks (get, list, query) changes nothing, and is passed over.
4. The bus is in another pid namespace: its numbers mean nothing here, and OSError is raised when this is made.

Source: the D-Bus specification, org.freedesktop.DBus.Monitoring.BecomeMonitor and GetConnectionUnixProcessID.
"""

import os
import re

import msgspec
from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageFlag, MessageType, new_method_call
from jeepney.bus_messages import message_bus

from pxedoctor.access.bus import PATH, Bus

FIREWALLD = "org.fedoraproject.FirewallD1"
_MONITORING = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", interface="org.freedesktop.DBus.Monitoring")
_ANSWER_SECONDS = 2.0
# Nobody can be heard while this is waited for; a bus answers within a millisecond.
_PID_SECONDS = 0.1
_ONLY_ASKS = re.compile(r"(get|list|query|is|check)[A-Z]\w*|authorizeAll|Get(All|MachineId)?|Introspect|Ping")
# A reload of some thousand rules takes half a minute; who wants no answer gets none.
_SERVED_SECONDS, _NO_ANSWER_SECONDS = 60.0, 5.0
_MOST = 256


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody asks for a change. `pid`: of whoever asks; `server`: of firewalld; None where the bus did not say."""

    sender: str
    member: str
    pid: int | None
    server: int | None
    until: float


class BusRequests:
    """Raises OSError when made where the bus lets nobody watch it. `at`: seconds of the steady clock."""

    def __init__(self, path: str = PATH) -> None:
        self._open: dict[tuple[str, int], Call] = {}
        self._answered: tuple[Call, ...] = ()
        self._bus = Bus(_PID_SECONDS, path)
        try:
            self._monitor = Bus(_ANSWER_SECONDS, path)
        except OSError:
            self._bus.close()
            raise
        try:
            self._watch()
        except OSError:
            self.close()
            raise

    def fileno(self) -> int:
        return self._monitor.fileno()

    def close(self) -> None:
        self._monitor.close()
        self._bus.close()

    def drain(self, at: float) -> None:
        """Takes in what was said until now. Raises ConnectionError where the bus is gone.

        Before the rules are heard: who has been answered by now wrote them, or somebody before did.
        """
        answered: list[Call] = []
        for message in self._monitor.unasked():
            fields = message.header.fields
            if message.header.message_type is MessageType.method_call:
                self._called(message, at)
            elif (serial := fields.get(HeaderFields.reply_serial)) is not None:
                call = self._open.pop((fields.get(HeaderFields.destination, ""), serial), None)
                answered += [call] if call is not None else []
        self._bus.unasked()
        self._answered = tuple(answered)
        self._open = {key: call for key, call in self._open.items() if call.until > at}

    def asker(self, writers: frozenset[int]) -> int | None:
        """The process that had one of these processes write rules just now; None where that is not known."""
        calls = [call for call in (*self._open.values(), *self._answered) if call.server in writers]
        askers = {call.pid for call in calls}
        return askers.pop() if len(askers) == 1 and len({call.sender for call in calls}) == 1 else None

    def _called(self, message: Message, at: float) -> None:
        fields, flags = message.header.fields, message.header.flags
        member, sender = fields.get(HeaderFields.member, ""), fields.get(HeaderFields.sender, "")
        if _ONLY_ASKS.fullmatch(member) or len(self._open) >= _MOST:
            return
        lasts = _NO_ANSWER_SECONDS if flags & MessageFlag.no_reply_expected else _SERVED_SECONDS
        self._open[sender, message.header.serial] = Call(
            sender=sender, member=member, pid=self._pid(sender), server=self._pid(FIREWALLD), until=at + lasts
        )

    def _pid(self, name: str) -> int | None:
        try:
            answer = self._bus.answer(message_bus.GetConnectionUnixProcessID(name))
        except TimeoutError:
            return None
        return int(answer.body[0]) if answer.header.message_type is MessageType.method_return else None

    def _watch(self) -> None:
        number = self._pid(self._bus.name)
        if number is None:
            raise OSError(0, "the bus does not say who is on it")
        if number != os.getpid():
            raise OSError(0, "the system bus counts processes otherwise: it is in another pid namespace")
        rules = [
            MatchRule(type="method_call", destination=FIREWALLD),
            MatchRule(type="method_return", sender=FIREWALLD),
            MatchRule(type="error", sender=FIREWALLD),
        ]
        body = ([rule.serialise() for rule in rules], 0)
        answer = self._monitor.answer(new_method_call(_MONITORING, "BecomeMonitor", "asu", body))
        if answer.header.message_type is not MessageType.method_return:
            raise OSError(
                0, f"the bus does not let itself be watched: {answer.body[0] if answer.body else 'no reason'}"
            )
