"""A connection to the system bus: questions with their answers, and what is said without being asked.

1. Asking starts nobody: every call carries NO_AUTO_START.
2. The bus is gone, or says what nobody understands: ConnectionError, and the connection is of no use any more.

Source: the D-Bus specification.
"""

import time
from collections.abc import Iterator

from jeepney import HeaderFields, Message, MessageFlag, Parser
from jeepney.auth import AuthenticationError
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import prep_socket

PATH = "/run/dbus/system_bus_socket"
_BLOCK = 64 * 1024


class Bus:
    """Raises OSError when made where there is no bus. `seconds`: the longest that an answer may take.

    `name`: as which the bus knows this connection.
    """

    def __init__(self, seconds: float, path: str = PATH) -> None:
        self._seconds = seconds
        self._parser = Parser()
        self._serial = 0
        self._unasked: list[Message] = []
        try:
            self._line = prep_socket(path, timeout=seconds)
        except AuthenticationError as error:
            raise ConnectionError(0, f"the bus does not let us in: {error}") from error
        try:
            self.name = str(self.answer(message_bus.Hello()).body[0])
        except OSError:
            self.close()
            raise

    def fileno(self) -> int:
        return int(self._line.fileno())

    def close(self) -> None:
        self._line.close()

    def answer(self, call: Message) -> Message:
        """Raises OSError, TimeoutError among them. What is said meanwhile is kept for `unasked`."""
        self._serial += 1
        call.header.flags |= MessageFlag.no_auto_start
        self._line.settimeout(self._seconds)
        self._line.sendall(call.serialise(serial=self._serial))
        deadline = time.monotonic() + self._seconds
        while (left := deadline - time.monotonic()) > 0:
            self._line.settimeout(left)
            block = self._line.recv(_BLOCK)
            if not block:
                raise ConnectionError(0, "the bus has ended")
            answers: list[Message] = []
            for message in self._parsed(block):
                is_ours = message.header.fields.get(HeaderFields.reply_serial) == self._serial
                (answers if is_ours else self._unasked).append(message)
            if answers:
                return answers[0]
        raise TimeoutError(0, "the bus does not answer")

    def unasked(self) -> tuple[Message, ...]:
        """What was said until now that is no answer. Raises ConnectionError where the bus is gone."""
        messages, self._unasked = self._unasked, []
        self._line.settimeout(0)
        try:
            while block := self._line.recv(_BLOCK):
                messages.extend(self._parsed(block))
        except BlockingIOError:
            return tuple(messages)
        raise ConnectionError(0, "the bus has ended")

    def _parsed(self, block: bytes) -> Iterator[Message]:
        """Raises ConnectionError where it is no D-Bus: nothing that follows can be understood."""
        try:
            yield from self._parser.feed(block)
        except (ValueError, IndexError, KeyError) as error:
            raise ConnectionError(0, f"the bus says what nobody understands: {error}") from error
