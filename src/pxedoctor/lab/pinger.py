"""Echo requests at an even pace, and how many were not answered: what a repair costs a guest that runs on.

    python -m pxedoctor.lab.pinger ADDRESS EACH_SECOND

Prints `pinging PID` with the first answer and counts from there; SIGTERM ends it, and a second more for the last
answers. The last line is {"sent", "lost", "silence_ms"}: the longest time between two answers.
"""

import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator

import msgspec

from pxedoctor.lab.site import Site, SiteError
from pxedoctor.lab.wiring import await_word
from pxedoctor.wire.error import WireError
from pxedoctor.wire.icmp import EchoReply, EchoRequest, build, parse

_WORD = "pinging"
# A port of a bridge with STP may be silent for a minute at most (2 x 30 s, IEEE 802.1D-1998 table 8-3).
_FIRST_SECONDS = 90.0
_LAST_SECONDS = 1.0
_LEAST_SECONDS = 1.5
_BUFFER = 1 << 22
_LARGEST_ANSWER = 2048


class Pings(msgspec.Struct, frozen=True):
    sent: int
    lost: int
    silence_ms: int

    def __str__(self) -> str:
        return f"{self.sent} pings, {self.lost} lost, at most {self.silence_ms} ms without an answer"


class Pinging:
    """A pinger that runs in a site. `command`: the pinger's own, or that of a guest that runs it."""

    def __init__(self, site: Site, *command: str) -> None:
        self._site = site
        self._process = site.start(*command)
        self._pid = ""
        self._began = 0.0

    def begun(self) -> "Pinging":
        """Returns with its first answer. SiteError where none came."""
        self._pid = await_word(self._process, _WORD).split()[-1]
        self._began = time.monotonic()
        return self

    def end(self) -> Pings:
        """Not before it has had its time: what is done meanwhile may be over before a busy host gives it a turn."""
        time.sleep(max(0.0, self._began + _LEAST_SECONDS - time.monotonic()))
        self._site.run("kill", "-TERM", self._pid)
        said = self._process.communicate(timeout=60 * self._site.patience)[0]
        try:
            return msgspec.json.decode(said.splitlines()[-1], type=Pings)
        except (msgspec.DecodeError, IndexError) as error:
            raise SiteError(f"a pinger told nothing at its end: {said}") from error


def command(address: str, each_second: int) -> tuple[str, ...]:
    return (sys.executable, "-m", "pxedoctor.lab.pinger", address, str(each_second))


class _Count:
    """What was sent and has no answer yet, by its number; and when the last answer came."""

    def __init__(self, line: socket.socket, address: str) -> None:
        self._line = line
        self._to = (address, 0)
        self.sent = 0
        self.silence = 0.0
        self.waiting: set[int] = set()
        self._last = time.monotonic()

    def send(self) -> None:
        self.sent += 1
        self.waiting.add(self.sent)
        self._line.sendto(_request(self.sent), self._to)

    def answered(self, number: int) -> None:
        if number in self.waiting:
            self.waiting.remove(number)
            now = time.monotonic()
            self.silence, self._last = max(self.silence, now - self._last), now

    def pings(self) -> Pings:
        return Pings(sent=self.sent, lost=len(self.waiting), silence_ms=round(self.silence * 1000))


def _request(number: int) -> bytes:
    return build(EchoRequest(identifier=_identifier(), sequence=number & 0xFFFF, payload=number.to_bytes(8)))


def _identifier() -> int:
    return os.getpid() & 0xFFFF


def _answers(line: socket.socket, seconds: float) -> Iterator[int]:
    """The numbers of the requests that are answered within these seconds."""
    deadline = time.monotonic() + seconds
    while select.select([line], [], [], max(0.0, deadline - time.monotonic()))[0]:
        packet = line.recv(_LARGEST_ANSWER)
        try:
            message = parse(packet[(packet[0] & 0x0F) * 4 :])
        except WireError:
            continue
        if isinstance(message, EchoReply) and message.identifier == _identifier():
            yield int.from_bytes(message.payload)


def _first_answer(line: socket.socket, address: str) -> bool:
    deadline = time.monotonic() + _FIRST_SECONDS
    while time.monotonic() < deadline:
        line.sendto(_request(0), (address, 0))
        if next(_answers(line, 0.1), None) is not None:
            return True
    return False


def _ping(line: socket.socket, address: str, each_second: int) -> Pings:
    count, due = _Count(line, address), time.monotonic()
    while signal.SIGTERM not in signal.sigpending():
        count.send()
        due += 1 / each_second
        for number in _answers(line, due - time.monotonic()):
            count.answered(number)
    for number in _answers(line, _LAST_SECONDS):
        count.answered(number)
    return count.pings()


def main() -> None:
    address, each_second = sys.argv[1], int(sys.argv[2])
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        # Not connected: a router's "unreachable" would end it, where it is an answer that does not come.
        if not _first_answer(line, address):
            sys.exit(f"{address} did not answer within {_FIRST_SECONDS:g} s")
        print(_WORD, os.getpid(), flush=True)
        print(msgspec.json.encode(_ping(line, address, each_second)).decode(), flush=True)


if __name__ == "__main__":
    main()
