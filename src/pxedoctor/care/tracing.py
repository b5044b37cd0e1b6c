"""Traces what a person asked about: the host is looked at, its packets are watched, and what was seen is joined."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from pxedoctor.access.answer import Access, readable
from pxedoctor.care.agent_said import AgentSaid
from pxedoctor.care.beside import Beside
from pxedoctor.care.examine import Looked, judge, look, silent
from pxedoctor.care.guest_said import GuestSaid
from pxedoctor.care.trace_record import write_down
from pxedoctor.care.watched import watched_of
from pxedoctor.collect.gather import Progress
from pxedoctor.diagnose.selection import Selection
from pxedoctor.journal.store import JournalError
from pxedoctor.model.target import Facts, Target
from pxedoctor.model.traced import Traced, Witness, WitnessName
from pxedoctor.road.ended_where import answered, death, lived
from pxedoctor.road.http_named import http_named
from pxedoctor.road.joined import joined
from pxedoctor.road.serving_side import serving
from pxedoctor.road.unseen import Serving
from pxedoctor.trace.watching import Watching
from pxedoctor.trace.wish import Wish
from pxedoctor.verdict.trace import Trace
from pxedoctor.verdict.wanted import doubted

# Whom it watches.
Begin = Callable[[Target], None]
# What was seen so far.
Tell = Callable[[Trace], None]


class Tracing(msgspec.Struct, frozen=True, kw_only=True):
    """How a person wants to trace. `tell` None: the end alone is wanted. `without`: witnesses that shall not look.

    `mac`: of a guest, which of its NICs; on a bridge, whose packets.
    """

    seconds: float
    begin: Begin
    tell: Tell | None = None
    without: frozenset[WitnessName] = frozenset()
    mac: str | None = None


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen, beside what the host is; `side`: how the facts say that the server hears."""

    looked: Looked
    facts: Facts
    side: Serving
    traced: Traced


def trace_host(
    access: Access, selection: Selection, tracing: Tracing, collected_at: str, progress: Progress = silent
) -> Trace:
    """Raises SelectionError where the host lacks what was asked about, TraceError where nobody can watch it.

    Ctrl-C ends the watching, not the telling: what was seen until then is told.
    """
    watched = watch_host(access, selection, tracing, collected_at, progress)
    examined = judge(watched.looked, collected_at, traces=(watched.traced,))
    trace = told(watched.traced, watched.side, final=True)
    texts = readable(watched.looked.gathered.answers)
    return doubted(msgspec.structs.replace(trace, facts=examined.facts, report=examined.report, texts=texts))


def watch_host(
    access: Access, selection: Selection, tracing: Tracing, collected_at: str, progress: Progress = silent
) -> Watched:
    """As `trace_host`, with nothing joined yet."""
    looked = look(access, selection, progress)
    target = watched_of(looked.gathered.host, looked.targets, tracing.mac)
    facts = Facts(host=looked.gathered.host)
    side, tell = serving(facts, target), tracing.tell
    beside = Beside(access, looked.gathered.host, target, tracing.without)
    guest = GuestSaid(facts.host, target, tracing.without)
    agent = AgentSaid(facts.host, target, tracing.without)
    with guest, agent:
        traced = watch(
            msgspec.structs.replace(
                wish_of(target, tracing, left_out(target, tracing, collected_at)),
                http=http_named(facts.host, target.bridge),
            ),
            None if tell is None else lambda so_far: tell(told(so_far, side, final=False)),
            lambda: tracing.begin(target),
        )
    return Watched(looked=looked, facts=facts, side=side, traced=agent.added(guest.added(beside.added(traced))))


def wish_of(target: Target, tracing: Tracing, without: Sequence[Witness]) -> Wish:
    return Wish(
        target=target.id,
        bridge=target.bridge or "",
        seconds=tracing.seconds,
        mac=tracing.mac or target.mac,
        tap=target.tap,
        without=tuple(without),
    )


def left_out(target: Target, tracing: Tracing, at: str) -> tuple[Witness, ...]:
    """The witnesses that shall not look: what changes the host is written down first, or is not done."""
    wanted = [Witness(name=name, status="absent", why="it was not asked") for name in tracing.without]
    if WitnessName.RULES not in tracing.without:
        try:
            write_down(target, at)
        except JournalError as error:
            wanted.append(
                Witness(name=WitnessName.RULES, status="failed", why=error.message, would_help=error.would_help)
            )
    return tuple(wanted)


def watch(wish: Wish, tell: Callable[[Traced], None] | None, begin: Callable[[], None]) -> Traced:
    """`begin` is called when all witnesses look. Ctrl-C ends it: it runs in a thread, and takes all away itself."""
    with Watching(wish) as watching, ThreadPoolExecutor(1, "trace") as pool:
        begin()
        running = pool.submit(watching.run, tell)
        while True:
            try:
                return running.result()
            except KeyboardInterrupt:
                watching.stop()


def told(traced: Traced, side: Serving, final: bool) -> Trace:
    """The joined packets; `final`: with what was expected and not seen, and the end of the first lost one."""
    packets = lived(joined(traced), traced, side)
    end = None
    if final:
        packets, end = death(packets, traced, side)
    return Trace(
        target=traced.target,
        bridge=traced.bridge,
        mac=traced.mac,
        tap=traced.tap,
        seconds=traced.seconds,
        packets=packets,
        witnesses=traced.witnesses,
        died=end,
        answered=answered(packets),
        counters=traced.counters,
        words=traced.words,
        states=traced.states,
    )
