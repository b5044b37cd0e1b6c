"""pxedoctor trace: watch a guest's packets on their way through this host, and see where they die."""

import sys
from typing import Any, Protocol

import click
import msgspec

from pxedoctor.cli.anonymizing import anonymizing, key_of_this_machine
from pxedoctor.cli.mac import mac_of
from pxedoctor.cli.number import Number
from pxedoctor.cli.output import fail, now, progress_on_terminal, say, style_of_stdout
from pxedoctor.cli.page import with_page, write_page
from pxedoctor.cli.selecting import client_of, naming_client
from pxedoctor.diagnose.selection import Selection, SelectionError
from pxedoctor.model.target import Target
from pxedoctor.model.traced import WitnessName
from pxedoctor.report.trace import render_opening, render_sighting, render_trace
from pxedoctor.verdict.trace import Trace

_MOST_SECONDS = 3600.0


class Words(msgspec.Struct, frozen=True):
    """What was typed."""

    guest: str | None
    bridge: str | None
    mac: str | None
    client: str | None
    seconds: float
    without: tuple[str, ...]
    page: str | None
    anonymize: bool
    as_json: bool


@click.command("trace")
@click.argument("guest", required=False)
@click.option("--bridge", metavar="B", help="This bridge, whoever asks on it.")
@click.option("--mac", metavar="M", help="Of a guest's several NICs this one; on a bridge this guest's packets.")
@naming_client
@click.option("--seconds", metavar="N", type=Number(0.1, _MOST_SECONDS), default=60.0, help="How long; else 60 s.")
@click.option(
    "--without",
    type=click.Choice([name.value for name in WitnessName]),
    multiple=True,
    help="Do not look this way; rules is the only one that changes the host, for the moment.",
)
@with_page
@anonymizing
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output, at the end.")
def command(**words: Any) -> None:
    """Watch the packets of GUEST (or of a bridge), and say where they die.

    A table of rules of its own marks them for the moment (`--without rules` leaves it out); it goes with the process.
    """
    asked = msgspec.convert(words, Words)
    if (asked.guest is None) is (asked.bridge is None):
        fail("whose packets? name a guest, or a bridge with --bridge", "pxedoctor trace web01", asked.as_json)
    # A line is told as it is seen, and who is called what is known only at the end.
    live = None if asked.as_json or asked.anonymize else _live(asked.seconds)
    trace = _traced(asked, live)
    if asked.anonymize:
        from pxedoctor.care.anonymous import anonymous_trace

        trace = anonymous_trace(trace, key_of_this_machine())
    if asked.page is not None:
        from pxedoctor.report.html.page import trace_page

        write_page(asked.page, trace_page(trace), asked.as_json)
    _tell(trace, live or Lines(asked.seconds), asked.as_json)
    sys.exit(trace.verdict.exit_code)


def _tell(trace: Trace, live: "Live", as_json: bool) -> None:
    if as_json:
        from pxedoctor.report import json
        from pxedoctor.report.trace_json import trace_document

        click.echo(json.encode(trace_document(trace)))
    else:
        live.end(trace)
        say(render_trace(trace, style_of_stdout()))


def _traced(asked: Words, live: "Live | None") -> Trace:
    from pxedoctor.access.live import LiveHost
    from pxedoctor.care.tracing import Tracing, trace_host
    from pxedoctor.trace.wish import TraceError

    tracing = Tracing(
        seconds=asked.seconds,
        begin=_nobody if live is None else live.begin,
        tell=None if live is None else live.tell,
        without=frozenset(WitnessName(name) for name in asked.without),
        mac=mac_of(asked.mac, asked.as_json),
    )
    guests = () if asked.guest is None else (asked.guest,)
    client = client_of(asked.client, asked.as_json)
    selection = Selection(guests=guests, bridge=asked.bridge, client=client, alone=True)
    try:
        return trace_host(LiveHost(), selection, tracing, now(), progress_on_terminal())
    except (SelectionError, TraceError) as error:
        fail(error.message, error.would_help, asked.as_json)


class Live(Protocol):
    """How a trace is told while it goes on, and what of it is left at the end."""

    def begin(self, target: Target) -> None: ...

    def tell(self, trace: Trace) -> None: ...

    def end(self, trace: Trace) -> None: ...


def _live(seconds: float) -> Live:
    from pxedoctor.cli.live_ladder import LiveLadder, can_be_drawn

    return LiveLadder(seconds) if can_be_drawn() else Lines(seconds)


class Lines:
    """Each sighting once, in a line of its own, as soon as it is known; the ladder at the end."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._style = style_of_stdout()
        self._told: set[bytes] = set()

    def begin(self, target: Target) -> None:
        say(render_opening(target, self._seconds, self._style))
        say("")

    def tell(self, trace: Trace) -> None:
        fresh = [
            (seen.at, packet, seen)
            for packet in trace.packets
            for seen in packet.sightings
            if self._is_new(packet.kind, packet.at, seen)
        ]
        for _, packet, seen in sorted(fresh, key=lambda entry: entry[0]):
            say(render_sighting(packet, seen, self._style))

    def end(self, trace: Trace) -> None:
        from pxedoctor.cli.live_ladder import drawn_ladder

        self.tell(trace)
        say("")
        if trace.packets:
            say(drawn_ladder(trace))
            say("")

    def _is_new(self, kind: str, at: float, seen: msgspec.Struct) -> bool:
        key = msgspec.msgpack.encode((kind, at, seen))
        if key in self._told:
            return False
        self._told.add(key)
        return True


def _nobody(_: Target) -> None:
    """For whoever wants the end of it alone."""
