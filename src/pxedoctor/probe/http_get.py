"""The fetch itself, with httpx: bounded in bytes, seconds and redirects, and told in words for a person.

A server is hostile until it was read: the body is cut at the limit and never unpacked, a drip of bytes is cut by the
clock, and no redirect is followed but to HTTP, as often as the client follows them. Certificates are not checked: whose
the firmware trusts is not known here.
"""

import contextlib
import signal
import time
from ipaddress import ip_address
from types import FrameType, ModuleType
from typing import Any

from msgspec.structs import replace

from pxedoctor.dialogue.http_boot import located
from pxedoctor.model.observation import SeenFetch
from pxedoctor.probe.fetching import HttpFetch

_FIRST_BYTES = 4096
_PIECE = 65536
# Longer than four SYNs of Linux (at 0, 1, 3 and 7 s).
_SILENT_SECONDS = 8.0
_REDIRECTED = 300
_LONGEST_TYPE = 200


class TimeIsUp(BaseException):
    """Not an Exception, so that no library takes it for an error of its own."""


def load() -> ModuleType:
    """httpx, and all that it imports late, while the file system can still be read."""
    import httpx

    with _client(httpx, "") as client:
        client.build_request("GET", "http://192.0.2.1/")
    return httpx


def fetch(asked: HttpFetch) -> SeenFetch:
    """Tries it once, `asked.seconds` long at most."""
    began = time.monotonic()
    seen = SeenFetch(at=0, seconds=0, url=asked.url, outcome="silent", why="")
    source = located(asked.url, tuple(ip_address(server) for server in asked.dns))
    if isinstance(source, str):
        return replace(seen, outcome="refused", why=source)
    keeper = _Keeper(asked, seen)
    signal.signal(signal.SIGALRM, _time_is_up)
    signal.setitimer(signal.ITIMER_REAL, asked.seconds)
    try:
        keeper.run(load())
    except TimeIsUp:
        keeper.ran_out()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return replace(keeper.seen, seconds=round(time.monotonic() - began, 3))


def _time_is_up(_: int, __: FrameType | None) -> None:
    raise TimeIsUp


def _client(httpx: Any, agent: str) -> Any:
    return httpx.Client(
        trust_env=False,
        verify=False,
        timeout=_SILENT_SECONDS,
        headers={"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "identity"},
    )


class _Keeper:
    """Keeps what was seen so far, so that it is there whatever ends the fetch."""

    def __init__(self, asked: HttpFetch, seen: SeenFetch) -> None:
        self.asked = asked
        self.seen = seen

    def run(self, httpx: Any) -> None:
        try:
            with _client(httpx, self.asked.habits.agent) as client:
                if self.asked.habits.asks_head_first:
                    self._ask_head(httpx, client)
                self._get(client)
        except httpx.ConnectTimeout:
            self._is("silent", f"no answer to a connection within {_SILENT_SECONDS:g} s")
        except httpx.TimeoutException:
            self._is("silent", f"connected, and then {_SILENT_SECONDS:g} s of silence after {self.seen.received} bytes")
        except httpx.ConnectError as error:
            self._is("refused", f"no connection: {error}")
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            self._is("malformed", f"not a URL to fetch by HTTP: {error}")
        except httpx.TransportError as error:
            self._is("malformed", f"after {self.seen.received} bytes: {error}")

    def ran_out(self) -> None:
        after = f"{self.asked.seconds:g} s"
        if self.seen.status is None:
            self._is("silent", f"no answer in {after}")
        else:
            self._is("stopped", f"{self.seen.received} bytes in {after}, and no end of it")

    def _ask_head(self, httpx: Any, client: Any) -> None:
        # Where HEAD fails the client asks with GET, and so does this.
        try:
            with client.stream("HEAD", self.asked.url) as response:
                self._note(response)
        except httpx.RemoteProtocolError:
            return

    def _get(self, client: Any) -> None:
        request = client.build_request("GET", self.asked.url)
        for followed in range(self.asked.habits.redirects + 1):
            with contextlib.closing(client.send(request, stream=True)) as response:
                self._note(response)
                if not response.next_request:
                    self._read(response)
                    return
                request = response.next_request
                where = f"redirected to {request.url} after {followed} redirects"
        follows = self.asked.habits.redirects
        self._is("refused", f"{where}: this client follows {follows or 'none'}")

    def _note(self, response: Any) -> None:
        size = response.headers.get("content-length", "")
        kind = response.headers.get("content-type", "")[:_LONGEST_TYPE]
        size_told = int(size) if size.isascii() and size.isdigit() and len(size) < 19 else None
        self.seen = replace(self.seen, status=response.status_code, content_type=kind, size=size_told)

    def _read(self, response: Any) -> None:
        for piece in response.iter_raw(_PIECE):
            first = (self.seen.first + piece[:_FIRST_BYTES])[:_FIRST_BYTES]
            self.seen = replace(self.seen, received=self.seen.received + len(piece), first=first)
            if self.seen.received >= self.asked.limit:
                self._is("too-large", f"cut after {self.seen.received} bytes: the probe takes no more")
                return
        if response.status_code >= _REDIRECTED:
            self._is("refused", f"{response.status_code} {response.reason_phrase}".strip())
        else:
            self._is("fetched", f"{self.seen.received} bytes")

    def _is(self, outcome: Any, why: str) -> None:
        self.seen = replace(self.seen, outcome=outcome, why=why)
