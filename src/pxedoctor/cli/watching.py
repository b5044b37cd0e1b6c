"""Puts a keeper together from its parts, runs it, and says how it ended."""

import signal
import sys
from collections.abc import Callable
from types import FrameType

import click
import msgspec

from pxedoctor.cli.output import fail, say, style_of_stdout
from pxedoctor.journal.events import Events
from pxedoctor.report.happened import event_document, render_event
from pxedoctor.report.harmless import shown
from pxedoctor.report.json import encode
from pxedoctor.verdict.happened import Happened
from pxedoctor.watch import clock
from pxedoctor.watch.address import Address
from pxedoctor.watch.ears import Ears, listen_first
from pxedoctor.watch.happened import TellHappened, listening
from pxedoctor.watch.healer import Healer
from pxedoctor.watch.journald import SOCKET, Journal
from pxedoctor.watch.judge_link import JudgeError
from pxedoctor.watch.keeper import Keeper
from pxedoctor.watch.memory import Memory
from pxedoctor.watch.nft_events import generation_now
from pxedoctor.watch.outlets import Outlets
from pxedoctor.watch.policy import Policy
from pxedoctor.watch.watchman import Watchman


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed."""

    policy: Policy
    repair: bool
    journal: bool
    metrics: Address | None
    as_json: bool


def look_once(as_json: bool) -> int:
    """Looks, tells what stands, and ends: nothing is listened to, kept or repaired. The exit status of diagnose."""
    keeper = Keeper(Ears(), Healer(Policy(), repairs=False, first_run=True), _teller(as_json))
    try:
        keeper.run(stop=lambda: True, ready=lambda: None)
    except JudgeError as error:
        return _own_fault(error)
    return {"healthy": 0, "broken": 1, "unknown": 3}[keeper.verdict]


def watch(wish: Wish) -> int:
    """Stays until a signal comes; the exit status."""
    if why := listen_first():
        _complain(why)
    ears = Ears()
    ears.open_host()
    if not ears.handles():
        fail("nothing of this host can be heard", "run it as root, outside a container", wish.as_json)
    events = Events()
    memory = Memory(events, generation_now, _complain, wish.policy.days)
    outlets = _outlets(wish, events)
    outlets.tell(listening(ears.sources(), clock.now()))
    ended = _Ended()
    healer = Healer(wish.policy, repairs=wish.repair, first_run=memory.first_run, at_work=ears.at_work)
    keeper = Keeper(ears, healer, outlets.tell, memory.remembered)
    watchman = Watchman(keeper, memory, _complain)
    try:
        keeper.run(stop=lambda: watchman.turned() or ended.came, ready=watchman.ready)
    except JudgeError as error:
        return _own_fault(error)
    finally:
        watchman.ended()
        outlets.close()
    return 130 if ended.interrupted else 0


def _outlets(wish: Wish, events: Events) -> Outlets:
    show = _teller(wish.as_json)
    outlets = Outlets(wish.policy, _journal_or(show) if wish.journal else show, _complain, keep=events)
    if wish.metrics is not None:
        from pxedoctor.watch.metrics import Numbers, serve

        numbers = Numbers(outlets.dropped)
        try:
            port = serve(numbers, wish.metrics)
        except OSError as error:
            where = f"{wish.metrics.host}:{wish.metrics.port}"
            fail(f"no metrics can be served at {where}: {error.strerror}", "--metrics 127.0.0.1:9469", wish.as_json)
        outlets.also(numbers.tell)
        click.echo(f"metrics: {wish.metrics.url(port)}", err=True)
    return outlets


class _Ended:
    """Whether somebody wants the keeper to end. A repair that is under way is ended first."""

    def __init__(self) -> None:
        self.came = False
        self.interrupted = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, number: int, _: FrameType | None) -> None:
        self.came = True
        self.interrupted = number == signal.SIGINT


def _own_fault(error: Exception) -> int:
    click.echo(f"pxedoctor itself failed: {error}", err=True)
    return 70


def _complain(why: str) -> None:
    click.echo(f"pxedoctor watch: {shown(why)}", err=True)


def _journal_or(show: TellHappened) -> TellHappened:
    """Into the journal, or, where none listens or it is gone, to standard output, which is said."""
    try:
        journal = Journal()
    except OSError as error:
        _complain(f"no journal listens at {SOCKET} ({error.strerror}); events are printed")
        return show

    def tell(event: Happened) -> None:
        try:
            journal.tell(event)
        except OSError as error:
            _complain(f"the journal takes no event ({error.strerror}); it is printed")
            show(event)

    return tell


def _teller(as_json: bool) -> Callable[[Happened], None]:
    """Prints an event as it happens."""

    def tell(event: Happened) -> None:
        if as_json:
            click.echo(encode(event_document(event)))
        else:
            say(render_event(event, style_of_stdout()))
        sys.stdout.flush()

    return tell
