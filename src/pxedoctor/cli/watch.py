"""pxedoctor watch: hear what changes on this host, tell what that breaks and who did it, and put it back if told to."""

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import click

from pxedoctor.cli.output import fail, say, style_of_stdout
from pxedoctor.report.harmless import shown
from pxedoctor.verdict.happened import EventWord, Happened, Heard
from pxedoctor.watch.causes import cause_names
from pxedoctor.watch.policy import PATH, Policy, PolicyError, parse


@click.command("watch")
@click.option("--repair", is_flag=True, help="Put back what the policy file allows; without it nothing is changed.")
@click.option("--policy", "path", metavar="FILE", default=PATH, show_default=True, help="What may be repaired.")
@click.option("--once", is_flag=True, help="Look once, tell what stands, and end with the exit status of diagnose.")
@click.option("--pause", is_flag=True, help="Tell the keeper of this host to repair nothing until --resume.")
@click.option("--resume", is_flag=True, help="Let it repair again.")
@click.option(
    "--journal", is_flag=True, help="Write events into systemd's journal, with fields, and do not print them."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line on standard output.")
def command(repair: bool, path: str, once: bool, pause: bool, resume: bool, journal: bool, as_json: bool) -> None:
    """Stay, and say at once what a change on this host breaks for its guests, and who made it.

    What may be repaired stands in the policy file, for instance:

    \b
        rounds = 5                  # repairs within `window` seconds before it is called a fight
        window = 60.0
        [causes]
        libvirt-rules-missing = "repair"        # tell | repair | repair-once
    """
    if sum((pause, resume, once, repair)) > 1 and (pause or resume or once):
        fail("--pause, --resume, --once and --repair exclude each other", "pxedoctor watch --help", as_json)
    if pause or resume:
        _hold(pause, as_json)
    policy = _policy(path, as_json)
    try:
        sys.exit(_once(as_json) if once else _watch(policy, repair, journal, as_json))
    except OSError as error:
        fail(f"this host cannot be watched: {error.strerror or error}", "run it as root", as_json)


def _policy(path: str, as_json: bool) -> Policy:
    try:
        with open(path, encoding="utf-8") as file:
            return parse(file.read(), path, cause_names())
    except FileNotFoundError:
        if path == PATH:
            return Policy()
        fail(f"there is no policy file {path}", "pxedoctor watch --help shows an example", as_json)
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{path} cannot be read: {error}", "it is a text in TOML", as_json)
    except PolicyError as error:
        fail(error.message, error.would_help, as_json)


def _hold(wanted: bool, as_json: bool) -> NoReturn:
    from pxedoctor.watch import healer

    try:
        healer.pause() if wanted else healer.resume()
    except OSError as error:
        fail(f"{healer.PAUSED}: {error.strerror}", "run it as root", as_json)
    say("The keeper repairs nothing until `pxedoctor watch --resume`." if wanted else "The keeper repairs again.")
    sys.exit(0)


def _once(as_json: bool) -> int:
    """Looks, tells what stands, and ends: nothing is listened to, kept or repaired."""
    from pxedoctor.watch.ears import Ears
    from pxedoctor.watch.healer import Healer
    from pxedoctor.watch.judge_link import JudgeError
    from pxedoctor.watch.keeper import Keeper

    keeper = Keeper(Ears(), Healer(Policy(), repairs=False, first_run=True), _teller(as_json))
    try:
        keeper.run(stop=lambda: True, ready=lambda: None)
    except JudgeError as error:
        return _own_fault(error)
    return {"healthy": 0, "broken": 1, "unknown": 3}[keeper.verdict]


def _watch(policy: Policy, repair: bool, journal: bool, as_json: bool) -> int:
    from pxedoctor.journal.events import Events
    from pxedoctor.watch.ears import Ears, listen_first
    from pxedoctor.watch.healer import Healer
    from pxedoctor.watch.judge_link import JudgeError
    from pxedoctor.watch.keeper import Keeper
    from pxedoctor.watch.memory import Memory
    from pxedoctor.watch.nft_events import generation_now
    from pxedoctor.watch.outlets import Outlets
    from pxedoctor.watch.watchman import Watchman

    if why := listen_first():
        _complain(why)
    ears = Ears()
    ears.open_host()
    if not ears.handles():
        fail("nothing of this host can be heard", "run it as root, outside a container", as_json)
    events = Events()
    memory = Memory(events, generation_now, _complain)
    outlets = Outlets(policy, _journal_or(_teller(as_json)) if journal else _teller(as_json), _complain, keep=events)
    outlets.tell(_listening(ears.sources()))
    ended = _Ended()
    healer = Healer(policy, repairs=repair, first_run=memory.first_run)
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


def _own_fault(error: Exception) -> int:
    click.echo(f"pxedoctor itself failed: {error}", err=True)
    return 70


def _listening(sources: tuple[Heard, ...]) -> Happened:
    from pxedoctor.watch import clock

    what = f"listening to {', '.join(source.name for source in sources if not source.why)}"
    return Happened(time=clock.now(), event=EventWord.LISTENING, finding=None, what=what, who=None, sources=sources)


def _journal_or(show: Callable[[Happened], None]) -> Callable[[Happened], None]:
    """Into the journal, or, where none listens or it is gone, to standard output, which is said."""
    from pxedoctor.watch.journald import SOCKET, Journal

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


def _complain(why: str) -> None:
    click.echo(f"pxedoctor watch: {shown(why)}", err=True)


def _teller(as_json: bool) -> Callable[[Happened], None]:
    """Prints an event as it happens."""
    from pxedoctor.report.happened import event_document, render_event
    from pxedoctor.report.json import encode

    def tell(event: Happened) -> None:
        if as_json:
            click.echo(encode(event_document(event)))
        else:
            say(render_event(event, style_of_stdout()))
        sys.stdout.flush()

    return tell
