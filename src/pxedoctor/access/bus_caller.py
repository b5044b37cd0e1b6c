"""Answers busctl's questions over one connection: 1 ms for each instead of 10 for a process.

`busctl --json=short call ...` and `... get-property ...` get the very text that busctl(1) prints. Where the bus or the
callee refuses, and for every other question, the caller runs busctl itself, which says why in its own words. The first
question is left to busctl, too: most hosts are asked only one, whether firewalld is there, and a connection costs more.
One question at a time.
"""

import json
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jeepney import Message

    from pxedoctor.access.bus import Bus

FIRST = 1
_BUSCTL = ("busctl", "--system", "--auto-start=no", "--json=short")


class BusCaller:
    """`ask` gives None where the caller has to run busctl itself."""

    def __init__(self, seconds: float, first: int = FIRST) -> None:
        self._seconds = seconds
        self._first = first
        self._lock = threading.Lock()
        self._asked = 0
        self._bus: Bus | None = None

    def ask(self, argv: Sequence[str]) -> str | None:
        """TimeoutError where the answer takes longer than allowed."""
        with self._lock:
            self._asked += 1
            if self._asked <= self._first or tuple(argv[: len(_BUSCTL)]) != _BUSCTL:
                return None
            try:
                return self._told(tuple(argv[len(_BUSCTL) :]))
            except (OSError, ValueError) as error:
                self._end()
                if isinstance(error, TimeoutError):
                    raise
                return None

    def _told(self, words: tuple[str, ...]) -> str | None:
        from jeepney import HeaderFields, MessageType

        call = _call(words)
        if call is None:
            return None
        from pxedoctor.access.bus import Bus

        self._bus = self._bus or Bus(self._seconds)
        # A connection that nobody asks for a while may have been ended.
        self._bus.unasked()
        answer = self._bus.answer(call)
        if answer.header.message_type is not MessageType.method_return:
            return None
        signature = answer.header.fields.get(HeaderFields.signature, "")
        if words[0] == "get-property":
            ((signature, value),) = answer.body
            return _line(signature, _plain(signature, value))
        return _line(signature, [_plain(*one) for one in zip(_types(signature), answer.body, strict=True)])

    def _end(self) -> None:
        if self._bus is not None:
            self._bus.close()
        self._bus = None


def _call(words: tuple[str, ...]) -> "Message | None":
    """None for a question of another form: an argument that is no text, another verb."""
    from jeepney import DBusAddress, Properties, new_method_call

    match words:
        case ("call", name, path, interface, member):
            return new_method_call(DBusAddress(path, name, interface), member)
        case ("call", name, path, interface, member, "s", argument):
            return new_method_call(DBusAddress(path, name, interface), member, "s", (argument,))
        case ("get-property", name, path, interface, member):
            return Properties(DBusAddress(path, name, interface)).get(member)
    return None


def _line(signature: str, data: object) -> str:
    return json.dumps({"type": signature, "data": data}, ensure_ascii=False, separators=(",", ":")) + "\n"


def _types(signature: str) -> list[str]:
    """The single complete types that a signature consists of (D-Bus specification, Type System)."""
    found, at = [], 0
    while at < len(signature):
        end = _end_of(signature, at)
        found.append(signature[at:end])
        at = end
    return found


def _end_of(signature: str, at: int) -> int:
    while signature[at] == "a":
        at += 1
    if signature[at] not in "({":
        return at + 1
    depth = 1
    while depth:
        at += 1
        depth += (signature[at] in "({") - (signature[at] in ")}")
    return at + 1


def _plain(signature: str, value: object) -> object:
    """As busctl writes it in JSON. ValueError for what it writes in a way that is not ours."""
    match signature[0], value:
        case "v", (str() as inner, content):
            return {"type": inner, "data": _plain(inner, content)}
        case "(", tuple():
            return [_plain(*one) for one in zip(_types(signature[1:-1]), value, strict=True)]
        case "a", dict():
            key, inner = _types(signature[2:-1])
            if key not in {"s", "o"}:
                raise ValueError(f"a dictionary by {key}")
            return {name: _plain(inner, content) for name, content in value.items()}
        case "a", list() | bytes():
            return [_plain(signature[1:], content) for content in value]
        case _, str() | int():
            return value
    raise ValueError(f"{signature} is not expected")
