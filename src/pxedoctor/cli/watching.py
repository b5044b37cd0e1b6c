"""Puts a keeper together from its parts, runs it, and says how it ended."""

import signal
import sys
from collections.abc import Callable
from types import FrameType

import click
import msgspec

from pxedoctor.cli.output import fail, say, style_of_stdout
from pxedoctor.cli.watch_voice import WatchVoice
from pxedoctor.journal.events import Events
from pxedoctor.report.happened import event_document, render_event
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
from pxedoctor.watch.only_one import HeldError, only_one
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
        keeper.look()
    except JudgeError as error:
        return _own_fault(error)
    if keeper.verdict == "unknown":
        click.echo("pxedoctor watch: not all could be told; what is missing: pxedoctor diagnose", err=True)
    return {"healthy": 0, "broken": 1, "unknown": 3}[keeper.verdict]


def watch(wish: Wish) -> int:
    """Stays until a signal comes; the exit status."""
    try:
        with only_one(clock.now()):
            return _watch(wish)
    except HeldError as error:
        fail(str(error), "end that one first; `pxedoctor watch --once` and `events` may run beside it", wish.as_json)


def _watch(wish: Wish) -> int:
    voice = WatchVoice(wish.as_json)
    if why := listen_first():
        voice.complain(why)
    ears = Ears()
    ears.open_host()
    if not ears.handles():
        fail("nothing of this host can be heard", "run it as root, outside a container", wish.as_json)
    events = Events()
    memory = Memory(events, generation_now, voice.complain, wish.policy.days)
    outlets = _outlets(wish, events, voice)
    outlets.tell(listening(ears.sources(), clock.now()))
    ended = _Ended()
    healer = Healer(wish.policy, repairs=wish.repair, first_run=memory.first_run, at_work=ears.at_work)
    keeper = Keeper(ears, healer, outlets.tell, memory.remembered)
    watchman = Watchman(keeper, memory, voice.complain)
    try:
        keeper.run(stop=lambda: watchman.turned() or ended.came, ready=watchman.ready)
    except JudgeError as error:
        return _own_fault(error)
    finally:
        watchman.ended()
        outlets.close()
        voice.close()
    return 130 if ended.interrupted else 0


def _outlets(wish: Wish, events: Events, voice: WatchVoice) -> Outlets:
    show = _journal_or(voice) if wish.journal else voice.tell
    outlets = Outlets(wish.policy, show, voice.complain, keep=events)
    if wish.metrics is not None:
        from pxedoctor.watch.metrics import Numbers, serve

        numbers = Numbers(lambda: {**outlets.dropped(), "stdout": voice.dropped})
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
        # Who was interrupted first, and is then told to end, was interrupted.
        self.interrupted = self.interrupted or number == signal.SIGINT


def _own_fault(error: Exception) -> int:
    click.echo(f"pxedoctor itself failed: {error}", err=True)
    return 70


def _journal_or(voice: WatchVoice) -> TellHappened:
    """Into the journal, or, where none listens or it is gone, to standard output, which is said."""
    try:
        journal = Journal()
    except OSError as error:
        voice.complain(f"no journal listens at {SOCKET} ({error.strerror}); events are printed")
        return voice.tell

    def tell(event: Happened) -> None:
        try:
            journal.tell(event)
        except OSError as error:
            voice.complain(f"the journal takes no event ({error.strerror}); it is printed")
            voice.tell(event)

    return tell


def _teller(as_json: bool) -> Callable[[Happened], None]:
    """Prints an event, and waits until it is read."""

    def tell(event: Happened) -> None:
        if as_json:
            click.echo(encode(event_document(event)))
        else:
            say(render_event(event, style_of_stdout()))
        sys.stdout.flush()

    return tell
